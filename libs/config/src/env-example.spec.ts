import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { envExample } from './env-example';
import { loadSettings } from './load-settings';
import { declaredSettings } from './setting.decorator';
import { Settings } from './settings';

describe('.env.example', () => {
  it('is in step with the settings', () => {
    const file = readFileSync(join(__dirname, '../../../.env.example'), 'utf8');
    expect(file).toBe(envExample());
  });

  it('names every setting', () => {
    for (const { variable } of declaredSettings()) {
      expect(envExample()).toMatch(new RegExp(`^(# )?${variable}=`, 'm'));
    }
  });

  it('has the defaults, so that copying it changes nothing', () => {
    const { role: _, ...defaults } = new Settings();
    expect(loadSettings('local', parse(envExample()))).toMatchObject(defaults);
  });
});
