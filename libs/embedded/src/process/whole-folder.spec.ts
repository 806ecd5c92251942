import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillOnce } from './whole-folder';

describe('fillOnce', () => {
  let parent: string;
  let target: string;

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'whole-folder-'));
    target = join(parent, 'target');
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  const fillWith = (text: string) => async (scratch: string) => {
    await mkdir(scratch);
    await writeFile(join(scratch, 'file'), text);
  };

  it('fills a folder that is not there, and leaves one that is', async () => {
    expect(await fillOnce(target, fillWith('first'))).toBe(true);
    expect(await fillOnce(target, fillWith('second'))).toBe(false);
    expect(readFileSync(join(target, 'file'), 'utf8')).toBe('first');
  });

  it('leaves nothing behind when filling fails', async () => {
    const halfway = async (scratch: string) => {
      await fillWith('half')(scratch);
      throw new Error('cut short');
    };
    await expect(fillOnce(target, halfway)).rejects.toThrow('cut short');
    expect(readdirSync(parent)).toEqual([]);
  });

  it('ends well for two that fill it at once', async () => {
    await Promise.all([fillOnce(target, fillWith('one')), fillOnce(target, fillWith('two'))]);
    expect(['one', 'two']).toContain(readFileSync(join(target, 'file'), 'utf8'));
    expect(readdirSync(parent)).toEqual(['target']);
  });

  it('removes the scratch folders of the dead, and leaves those of the living', async () => {
    const dead = join(parent, `target.partial-${2 ** 30}-abc`);
    const living = join(parent, `target.partial-${process.pid}-abc`);
    for (const folder of [dead, living]) mkdirSync(folder);
    await fillOnce(target, fillWith('whole'));
    expect(existsSync(dead)).toBe(false);
    expect(existsSync(living)).toBe(true);
  });
});
