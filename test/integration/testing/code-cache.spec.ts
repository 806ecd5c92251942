import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { builtFile } from '@app/embedded';

describe('A program that is run with a code cache', () => {
  const folder = mkdtempSync(join(tmpdir(), 'code-cache-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const main = join(folder, 'apps/greeting/src/main.js');
  const library = join(folder, 'node_modules/greetings/index.js');

  function write(path: string, content: string): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  const run = (): string =>
    execFileSync(process.execPath, ['--require', builtFile('libs/testing/src/code-cache'), main], {
      env: { TEST_CODE_CACHE: join(folder, 'cache') },
    }).toString();

  it("loads a library's code as the first run has compiled it, and its own as it is", () => {
    write(library, "module.exports = 'well';");
    write(main, "console.log(require('greetings'), 1, process.env.TEST_CODE_CACHE);");
    expect(run()).toBe('well 1 undefined\n');

    // Nobody changes a library during a run of the tests; it shows that nothing is compiled again.
    write(library, "module.exports = 'fine';");
    write(main, "console.log(require('greetings'), 2, process.env.TEST_CODE_CACHE);");
    expect(run()).toBe('well 2 undefined\n');
  });
});
