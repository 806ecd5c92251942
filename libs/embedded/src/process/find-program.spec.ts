import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findProgram } from './find-program';

describe('findProgram', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'find-program-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('takes the first folder of PATH that has an executable file of the name', () => {
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    mkdirSync(join(first, 'mvn'), { recursive: true });
    mkdirSync(second);
    writeFileSync(join(second, 'mvn'), '');
    const env = { PATH: ['', first, second].join(delimiter) };
    expect(findProgram('mvn', env)).toBeUndefined();

    chmodSync(join(second, 'mvn'), 0o755);
    expect(findProgram('mvn', env)).toBe(join(second, 'mvn'));
  });

  it('finds nothing without a PATH', () => {
    expect(findProgram('mvn', {})).toBeUndefined();
    expect(findProgram('mvn', { PATH: '' })).toBeUndefined();
  });
});
