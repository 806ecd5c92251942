import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { logLines } from './lines-of';

const root = join(__dirname, '../../../..');

/** Every file of ours that runs, but for the table itself. */
const sources = ['libs', 'apps'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.spec)\.ts$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !path.startsWith(__dirname))
    .map((path) => ({ path: relative(root, path), text: readFileSync(path, 'utf8') })),
);

/** They pass on what libraries say, or set up where it goes. */
const others = [
  'libs/jobs/src/job-logger.ts',
  'libs/kafka/src/kafka-logger.ts',
  'libs/local/src/run-local.ts',
  'libs/testing/src/test-bed.ts',
];

describe('The lines of the log', () => {
  it.each(Object.keys(logLines))('"%s" is said somewhere', (line) => {
    const sayers = sources.filter(({ text }) => text.includes(`'${line}'`));
    expect(sayers).not.toEqual([]);
  });

  it('are all there is: nobody has a logger of his own', () => {
    const own = /import \{[^}]*\bLogger\b[^}]*\} from '@nestjs\/common'/;
    const having = sources.filter(({ text }) => own.test(text)).map(({ path }) => path);
    expect(having.sort()).toEqual(others);
  });
});
