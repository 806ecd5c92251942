import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings, readEnvironment } from './load-settings';
import { secretFileVariable, withSecretsFromFiles } from './secret-files';
import { declaredSettings } from './setting.decorator';
import { SettingsError } from './settings-error';

const databaseUrl = 'postgres://user:hush@localhost:5432/channels';
const eventstoreUrl = 'esdb://user:hush@localhost:2113';

describe('A setting that may be a secret', () => {
  const before = process.cwd();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'secrets-'));
    process.chdir(folder);
  });
  afterEach(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });

  function file(content: string, name = 'secret'): string {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  }

  it.each(['', '\n', '\r\n', '\n\n'])('is read from its file, which may end with %j', (end) => {
    const settings = loadSettings('api', {
      DATABASE_URL_FILE: file(databaseUrl + end, 'database'),
      EVENTSTORE_URL_FILE: file(eventstoreUrl + end, 'events'),
      RECEIPT_KEY_FILE: '/receipts.json',
    });
    expect(settings).toMatchObject({ databaseUrl, eventstoreUrl });
  });

  it('is refused when it is given in both ways, or its file is no use, all in one line', () => {
    const env = {
      DATABASE_URL: databaseUrl,
      DATABASE_URL_FILE: file(databaseUrl),
      EVENTSTORE_URL_FILE: join(folder, 'nowhere'),
    };
    expect(() => loadSettings('api', env)).toThrow(
      new SettingsError([
        'DATABASE_URL and DATABASE_URL_FILE are both set: unset one of them',
        `EVENTSTORE_URL_FILE can't be used: ${join(folder, 'nowhere')} can't be read (ENOENT)`,
      ]),
    );
    const empty = file('\n', 'empty');
    expect(() => loadSettings('ops', { DATABASE_URL_FILE: empty })).toThrow(
      `DATABASE_URL_FILE can't be used: ${empty} is empty`,
    );
  });

  it('is never shown, also where it was given in place of its file', () => {
    expect(() => loadSettings('ops', { DATABASE_URL_FILE: databaseUrl })).toThrow(
      new SettingsError([
        "DATABASE_URL_FILE can't be used: it must be the absolute path of a file",
      ]),
    );
  });

  it('is taken for absent when both variables are empty', () => {
    const env = { DATABASE_URL: '', DATABASE_URL_FILE: '' };
    expect(() => loadSettings('ops', env)).toThrow('Set DATABASE_URL, for example');
    expect(loadSettings('ops', { ...env, DATABASE_URL: databaseUrl })).toMatchObject({
      databaseUrl,
    });
  });

  it('of the environment goes over one of .env, whichever way each is given', () => {
    writeFileSync('.env', `DATABASE_URL_FILE=${file('postgres://of-dotenv')}\nAPI_PORT=4000\n`);
    process.env.DATABASE_URL = databaseUrl;
    try {
      expect(withSecretsFromFiles(readEnvironment())).toMatchObject({
        DATABASE_URL: databaseUrl,
        API_PORT: '4000',
      });
    } finally {
      delete process.env.DATABASE_URL;
    }
    expect(withSecretsFromFiles(readEnvironment()).DATABASE_URL).toBe('postgres://of-dotenv');
  });

  it('leaves no variable of its file to other processes, and nothing else out', () => {
    expect(
      withSecretsFromFiles({ DATABASE_URL_FILE: file(databaseUrl), VAULT_KEY_FILE: '/v' }),
    ).toEqual({ DATABASE_URL: databaseUrl, VAULT_KEY_FILE: '/v' });
  });

  it('has a variable for its file that is no setting of another meaning', () => {
    const variables = declaredSettings().map(({ variable }) => variable);
    const files = declaredSettings()
      .filter(({ maybeSecret }) => maybeSecret)
      .map(({ variable }) => secretFileVariable(variable));
    expect(files).toEqual(expect.arrayContaining(['DATABASE_URL_FILE', 'EVENTSTORE_URL_FILE']));
    expect(variables.filter((variable) => files.includes(variable))).toEqual([]);
  });
});
