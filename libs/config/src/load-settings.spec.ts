import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings, settingsToEnvironment } from './load-settings';
import { roles } from './roles';
import { declaredSettings } from './setting.decorator';
import { SettingsError } from './settings-error';

/** Everything that any role can't do without. */
const complete = {
  DATABASE_URL: 'postgres://user:hush@localhost:5432/channels',
  KAFKA_BROKERS: 'localhost:9092',
  EVENTSTORE_URL: 'esdb://localhost:2113?tls=false',
  VAULT_KEY_FILE: '/keys.json',
  RECEIPT_KEY_FILE: '/receipts.json',
};

describe('the settings', () => {
  it('are read from the environment, over the defaults', () => {
    const settings = loadSettings('api', { ...complete, API_PORT: '4000', LOG_LEVEL: 'debug' });
    expect(settings).toMatchObject({
      role: 'api',
      databaseUrl: complete.DATABASE_URL,
      apiPort: 4000,
      logLevel: 'debug',
      internalPort: 3001,
      effectDeadlineHours: 20,
    });
  });

  it.each(roles)('suffice for %s when everything is given', (role) => {
    expect(loadSettings(role, complete).role).toBe(role);
  });

  it('let a process die at a failpoint in tests alone, and at a known one', () => {
    const armed = { ...complete, FAILPOINT: 'tokens:stored' };
    expect(() => loadSettings('internal', armed)).toThrow('FAILPOINT is for tests alone: unset it');
    expect(() => loadSettings('internal', { ...armed, NODE_ENV: 'production' })).toThrow(
      'FAILPOINT',
    );
    expect(loadSettings('internal', { ...armed, NODE_ENV: 'test' }).failpoint).toBe(
      'tokens:stored',
    );
    const unknown = { ...armed, FAILPOINT: 'somewhere', NODE_ENV: 'test' };
    expect(() => loadSettings('internal', unknown)).toThrow("FAILPOINT can't be used: it must be");
  });

  it('ask the subscribers for what a revocation needs, once a provider is listed', () => {
    const { VAULT_KEY_FILE: _, ...others } = complete;
    expect(loadSettings('subscribers', others).revokedGrants).toEqual([]);
    const listed = { ...others, REVOKED_GRANTS: 'google, x' };
    expect(loadSettings('api', listed).revokedGrants).toEqual(['google', 'x']);
    expect(() => loadSettings('subscribers', listed)).toThrow(
      new SettingsError([
        'Set VAULT_KEY_FILE, for example VAULT_KEY_FILE=/run/secrets/vault-keys.json',
        'Set REVOCATION_FILE, for example REVOCATION_FILE=/run/secrets/revocation.json',
        'Set REVOCATION_KEYS_DIR, for example REVOCATION_KEYS_DIR=/run/secrets/revocation-keys',
      ]),
    );
  });

  it.each(['api', 'subscribers'] as const)('of the %s know every provider by name', (role) => {
    expect(() => loadSettings(role, { ...complete, REVOKED_GRANTS: 'google,facebook' })).toThrow(
      "REVOKED_GRANTS can't be used: each value in it must be one of the following values: google, tiktok, x, meta",
    );
  });

  it('reach another process of ours as they are', () => {
    const settings = loadSettings('api', { ...complete, REVOKED_GRANTS: 'google,x' });
    expect(loadSettings('api', settingsToEnvironment(settings))).toEqual(settings);
  });

  it.each(['http://otel_collector:4318', 'http://[::1]:4318/', 'https://traces.example.com/otlp'])(
    'take %s for a collector',
    (url) => {
      const env = { ...complete, OTEL_EXPORTER_OTLP_ENDPOINT: url };
      expect(loadSettings('relay', env).otelExporterOtlpEndpoint).toBe(url);
    },
  );

  it('take an empty variable for an absent one', () => {
    expect(loadSettings('api', { ...complete, API_PORT: '' }).apiPort).toBe(3000);
  });

  it('name all that is missing at once, with an example of each', () => {
    expect(() => loadSettings('subscribers', {})).toThrow(
      new SettingsError([
        'Set DATABASE_URL, for example DATABASE_URL=postgres://postbreeze:secret@localhost:5432/postbreeze',
        'Set KAFKA_BROKERS, for example KAFKA_BROKERS=localhost:9092',
        'Set EVENTSTORE_URL, for example EVENTSTORE_URL=esdb://localhost:2113?tls=false',
      ]),
    );
  });

  it.each([
    ['projector', 'KAFKA_BROKERS'],
    ['projector', 'VAULT_KEY_FILE'],
    ['api', 'VAULT_KEY_FILE'],
    ['api', 'KAFKA_BROKERS'],
    ['relay', 'VAULT_KEY_FILE'],
  ] as const)('of the %s do without %s, which it must not have', (role, variable) => {
    const { [variable]: _, ...others } = complete;
    expect(() => loadSettings(role, others)).not.toThrow();
  });

  it.each([
    ['API_PORT', '0', "API_PORT can't be used: it must not be less than 1"],
    ['API_PORT', '65536', "API_PORT can't be used: it must not be greater than 65535"],
    [
      'EFFECT_DEADLINE_HOURS',
      '24',
      "EFFECT_DEADLINE_HOURS can't be used: it must not be greater than 23",
    ],
    [
      'LOG_FORMAT',
      'xml',
      "LOG_FORMAT can't be used: it must be one of the following values: auto, json, pretty",
    ],
    [
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'collector:4318',
      "OTEL_EXPORTER_OTLP_ENDPOINT can't be used: it must be a URL that begins with http:// or https://",
    ],
    [
      'OTEL_TRACES_SAMPLER_ARG',
      '1.5',
      "OTEL_TRACES_SAMPLER_ARG can't be used: it must not be greater than 1",
    ],
  ])('refuse %s=%s', (variable, value, message) => {
    expect(() => loadSettings('api', { ...complete, [variable]: value })).toThrow(message);
  });

  it('of the subscribers leave connections to others than the effects under way', () => {
    const pool = { ...complete, DATABASE_POOL_SIZE: '8' };
    expect(() => loadSettings('subscribers', { ...pool, WORKER_CONCURRENCY: '8' })).toThrow(
      new SettingsError([
        'Set DATABASE_POOL_SIZE to more than WORKER_CONCURRENCY: each effect under way holds a connection',
      ]),
    );
    const fewer = { ...pool, WORKER_CONCURRENCY: '7' };
    expect(loadSettings('subscribers', fewer).workerConcurrency).toBe(7);
    expect(loadSettings('internal', { ...complete, DATABASE_POOL_SIZE: '2' }).role).toBe(
      'internal',
    );
  });

  it('never show a value that is wrong: it may be a secret in the wrong place', () => {
    const wrong = { ...complete, API_PORT: 'pb_live_secret', LOG_LEVEL: 'pb_live_secret' };
    expect(() => loadSettings('api', wrong)).toThrow(/API_PORT can't be used.*LOG_LEVEL can't/);
    expect(() => loadSettings('api', wrong)).not.toThrow(/secret/);
  });

  it('are each declared with a meaning and a name of their own', () => {
    const variables = declaredSettings().map(({ variable }) => variable);
    expect(new Set(variables).size).toBe(variables.length);
    expect(declaredSettings().every(({ doc }) => doc.endsWith('.'))).toBe(true);
  });
});

describe('a .env in the current folder', () => {
  const before = process.cwd();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'settings-'));
    process.chdir(folder);
  });
  afterEach(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });

  it('is read, and the environment goes over it', () => {
    const lines = Object.entries({ ...complete, API_PORT: '4000', HTTP_HOST: '0.0.0.0' });
    writeFileSync('.env', lines.map(([name, value]) => `${name}=${value}`).join('\n'));
    process.env.API_PORT = '5000';
    try {
      const { apiPort, httpHost } = loadSettings('api');
      expect({ apiPort, httpHost }).toEqual({ apiPort: 5000, httpHost: '0.0.0.0' });
    } finally {
      delete process.env.API_PORT;
    }
  });
});
