import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import type { Role, ServiceRole } from '@app/config';
import {
  declaredSettings,
  loadSettings,
  operatorRoles,
  roles,
  secretFileVariable,
  serviceRoles,
  Settings,
} from '@app/config';
import type { ComposeService } from './compose';
import {
  argumentsOf,
  composeFile,
  dockerFolder,
  dockerScript,
  isOurs,
  merged,
  mountsOf,
  root,
  startedBefore,
} from './compose';

const compose = composeFile('compose.yaml');
const withRevocation = merged(compose, composeFile('compose.revocation.yaml'));
const ours = Object.entries(compose.services).filter(([, service]) => isOurs(service));
const engines = Object.entries(compose.services).filter(([, service]) => !isOurs(service));

/** As the settings know it: which processes a service's container may be. */
function rolesOf(service: ComposeService): readonly Role[] {
  const [role, command] = argumentsOf(service);
  if (role !== 'ops') return [role as ServiceRole];
  if (command === 'setup') return ['ops setup'];
  // Key files are made without any setting.
  return command?.startsWith('-') ? operatorRoles : [];
}

/** The settings of a role in its container, with Compose's secrets where it mounts them. */
function settingsOf(name: string, role: Role, secrets: string, file = compose) {
  const service = file.services[name]!;
  const env: Record<string, string> = { REVOKED_GRANTS: '' };
  for (const [variable, value] of Object.entries(service.environment ?? {})) {
    const text = String(value ?? '').replace('${REVOKED_GRANTS:?name the providers}', 'google,x');
    const secret = /^\/run\/secrets\/(.+)$/.exec(text)?.[1];
    if (secret !== undefined) expect(service.secrets).toContain(secret);
    const isRead = variable.endsWith('_URL_FILE');
    env[variable] = secret && isRead ? join(secrets, basename(file.secrets[secret]!.file)) : text;
  }
  return loadSettings(role, env);
}

describe('docker/compose.yaml', () => {
  const secrets = mkdtempSync(join(tmpdir(), 'compose-secrets-'));
  beforeAll(() => makeSecrets());
  afterAll(() => rmSync(secrets, { recursive: true }));

  const makeSecrets = (): string => dockerScript('make-secrets.sh', secrets);

  it('has a service for each role, named like it', () => {
    const named = serviceRoles.map((role) => argumentsOf(compose.services[role]!));
    expect(named).toEqual(serviceRoles.map((role) => [role]));
    expect(argumentsOf(compose.services['setup']!).slice(0, 2)).toEqual(['ops', 'setup']);
  });

  it.each([...serviceRoles, 'setup', 'ops'])('gives %s all that it must have', (name) => {
    for (const role of rolesOf(compose.services[name]!)) {
      expect(() => settingsOf(name, role, secrets)).not.toThrow();
    }
  });

  it.each<[string, Role]>([
    ['api', 'api'],
    ['subscribers', 'subscribers'],
    ['ops', 'ops events'],
  ])('gives %s what a revocation needs, where that is asked for', (name, role) => {
    const settings = settingsOf(name, role, secrets, withRevocation);
    expect(settings.revokedGrants).toEqual(['google', 'x']);
  });

  it.each(ours.map(([name]) => name))('gives %s no setting that it does not read', (name) => {
    const service = withRevocation.services[name]!;
    const readers = rolesOf(service);
    const known = declaredSettings()
      .filter(({ readBy = roles }) => readBy.some((role) => readers.includes(role)))
      .flatMap(({ variable, maybeSecret }) =>
        maybeSecret ? [variable, secretFileVariable(variable)] : [variable],
      );
    // Who changes it: no setting, but an option of the operators' commands.
    if (readers.some((role) => role.startsWith('ops'))) known.push('OPS_ACTOR');
    expect(known).toEqual(expect.arrayContaining(Object.keys(service.environment ?? {})));
  });

  it.each(serviceRoles)('asks %s on its own port whether it is ready', (role) => {
    const settings = settingsOf(role, role, secrets);
    const { test } = compose.services[role]!.healthcheck!;
    const port = settings[`${role}Port`];
    expect(test).toEqual(['CMD', 'node', '/app/is-ready.mjs', String(port)]);
  });

  it('publishes the port of the api alone, on this machine alone', () => {
    const published = ours.flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]));
    const { apiPort } = settingsOf('api', 'api', secrets);
    expect(published).toEqual([['api', `127.0.0.1:\${API_HOST_PORTS:-3000}:${apiPort}`]]);
  });

  it('reaches each engine by its name, once it is healthy, and sets up in between', () => {
    for (const role of serviceRoles) {
      const before = startedBefore(compose, role);
      const engine = settingsOf(role, role, secrets);
      const urls = [engine.databaseUrl, engine.eventstoreUrl, engine.kafkaBrokers].filter(Boolean);
      const hosts = urls.map((url) => /(?:\/\/|^)(?:[^@]*@)?([a-z]+):\d+/.exec(url)?.[1] ?? url);
      expect(hosts).toEqual(expect.arrayContaining(['postgres', 'eventstore']));
      for (const host of hosts)
        expect([role, host, before.get(host)]).toEqual([role, host, 'service_healthy']);
      expect(before.get('setup')).toBe('service_completed_successfully');
    }
    const setup = startedBefore(compose, 'setup');
    expect([...setup.values()]).toEqual(['service_healthy', 'service_healthy']);
  });

  it('starts who consumes before who answers requests', () => {
    for (const role of ['api', 'internal']) {
      const before = startedBefore(compose, role);
      for (const consumer of ['subscribers', 'projector', 'relay']) {
        expect(before.get(consumer)).toBe('service_healthy');
      }
    }
  });

  it.each(ours)('runs %s without any right that it can do without', (_, service) => {
    expect(service).toMatchObject({
      user: '1000:1000',
      init: true,
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  });

  it('starts a role anew when it ends, and a job never', () => {
    for (const [name, { restart }] of ours) {
      const isRole = serviceRoles.includes(name as ServiceRole);
      expect([name, restart]).toEqual([name, isRole ? 'unless-stopped' : 'no']);
    }
  });

  it('kills a role only after it had the time that it gives itself', () => {
    const source = readFileSync(join(root, 'libs/role/src/end-role.ts'), 'utf8');
    const [, closing] = /endWithinMs = ([\d_]+)/.exec(source)!;
    const limitMs = new Settings().shutdownDrainMs + Number(closing!.replace('_', ''));
    for (const [, { stop_grace_period: grace }] of ours) {
      expect(Number(/^(\d+)s$/.exec(grace!)![1]) * 1_000).toBeGreaterThan(limitMs + 1_000);
    }
  });

  it.each(Object.entries(compose.services))('limits what %s may take', (_, { deploy }) => {
    expect(deploy?.resources.limits).toMatchObject({
      cpus: expect.stringMatching(/^\d+(\.\d+)?$/) as string,
      memory: expect.stringMatching(/^\d+[MG]$/) as string,
    });
  });

  it('pins every image, ours to the version of package.json', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    for (const [, { image }] of ours) expect(image).toBe(`postbreeze-channels:${version}`);
    for (const [, { image }] of engines)
      expect(image).toMatch(/^[a-z/]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
  });

  it('keeps the keys that open tokens from all but those that need them', () => {
    const holders = (source: string, file = compose): [string, boolean][] =>
      Object.entries(file.services).flatMap(([name, service]) =>
        mountsOf(service)
          .filter((mount) => mount.source === source)
          .map(({ isWritable }): [string, boolean] => [name, isWritable]),
      );
    // The internal API rotates them: it writes.
    const writers = [
      ['internal', true],
      ['vault-keys', true],
    ];
    expect(holders('vault-keys')).toEqual(writers);
    expect(holders('vault-keys', withRevocation)).toEqual(
      expect.arrayContaining([...writers, ['subscribers', false]]),
    );
    expect(holders('receipt-keys')).toEqual([
      ['api', false],
      ['receipt-keys', true],
    ]);
    expect(holders('revocation-keys', withRevocation)).toEqual([['subscribers', true]]);
  });

  it('has each key file where its job makes it, in a volume', () => {
    const made = ['vault-keys', 'receipt-keys'].map((job) =>
      argumentsOf(compose.services[job]!).at(-1)!,
    );
    expect(made).toEqual([
      compose.services['internal']!.environment!['VAULT_KEY_FILE'],
      compose.services['api']!.environment!['RECEIPT_KEY_FILE'],
    ]);
    for (const service of Object.values(withRevocation.services)) {
      const targets = mountsOf(service).map(({ target }) => target);
      for (const value of Object.values(service.environment ?? {})) {
        const path = String(value);
        if (path.startsWith('/keys/')) {
          expect(targets.some((target) => target === path || target === dirname(path))).toBe(true);
        }
      }
    }
  });

  it('mounts what there is, and declares what it names', () => {
    for (const [, service] of Object.entries(withRevocation.services)) {
      for (const { source } of mountsOf(service)) {
        if (source.startsWith('.')) expect(existsSync(join(dockerFolder, source))).toBe(true);
        else expect(Object.keys(withRevocation.volumes)).toContain(source);
      }
      for (const secret of service.secrets ?? []) {
        expect(Object.keys(withRevocation.secrets)).toContain(secret);
      }
    }
  });

  it('has Prometheus scrape each role where it shows its metrics', () => {
    const text = readFileSync(join(dockerFolder, 'prometheus/prometheus.yml'), 'utf8');
    const { scrape_configs: jobs } = parse(text) as {
      scrape_configs: { job_name: string; dns_sd_configs: unknown[] }[];
    };
    expect(jobs.map(({ job_name: job, dns_sd_configs: found }) => [job, found])).toEqual(
      serviceRoles.map((role) => {
        const settings = settingsOf(role, role, secrets);
        const port =
          role === 'api' || role === 'internal'
            ? settings[`${role}MetricsPort`]
            : settings[`${role}Port`];
        return [role, [{ names: [role], type: 'A', port }]];
      }),
    );
  });

  it('has its secrets made by make-secrets.sh, once, where nobody else can look', () => {
    const files = Object.values(compose.secrets).map(({ file }) => file.replace('./secrets/', ''));
    expect(readdirSync(secrets).sort()).toEqual(files.sort());
    expect(statSync(secrets).mode & 0o777).toBe(0o700);
    const content = (): string[] => files.map((file) => readFileSync(join(secrets, file), 'utf8'));
    const before = content();
    makeSecrets();
    expect(content()).toEqual(before);
    expect(readFileSync(join(root, '.gitignore'), 'utf8')).toContain('docker/secrets/');
  });

  it('gives PostgreSQL the user, password and database of DATABASE_URL', () => {
    const url = new URL(settingsOf('setup', 'ops setup', secrets).databaseUrl);
    const { POSTGRES_USER, POSTGRES_DB, POSTGRES_PASSWORD_FILE } =
      compose.services['postgres']!.environment!;
    const password = readFileSync(join(secrets, basename(String(POSTGRES_PASSWORD_FILE))), 'utf8');
    expect([url.username, url.pathname, url.password]).toEqual([
      POSTGRES_USER,
      `/${POSTGRES_DB}`,
      password,
    ]);
  });

  it('has each role log in as itself, as PostgreSQL was told, and operators as the owner', () => {
    const sql = dockerScript('postgres/logins.sh', '--print', secrets);
    const postgres = compose.services['postgres']!;
    for (const role of serviceRoles) {
      const { password } = new URL(settingsOf(role, role, secrets).databaseUrl);
      expect(sql).toContain(`ALTER ROLE channels_${role} PASSWORD '${password}';`);
      expect(compose.services[role]!.secrets).toEqual([`database-url-${role}`]);
      expect(postgres.secrets).toContain(`database-url-${role}`);
    }
    const owners = ours.filter(([, { secrets = [] }]) => secrets.includes('database-url'));
    expect(owners.map(([name]) => name)).toEqual(['setup', 'ops']);
    expect(postgres.volumes).toContain('./postgres:/docker-entrypoint-initdb.d:ro');
  });

  it('is told of in README.md by names that there are', () => {
    const readme = readFileSync(join(dockerFolder, 'README.md'), 'utf8');
    const started = readme.matchAll(/docker compose (?:run --rm|up -d|restart) ([a-z][a-z-]*)/g);
    const services = [...started].map(([, name]) => name!);
    expect(services.length).toBeGreaterThan(4);
    expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(services));
    const known = [
      ...declaredSettings().flatMap(({ variable }) => [variable, secretFileVariable(variable)]),
      ...Object.values(compose.services).flatMap(({ environment }) =>
        Object.keys(environment ?? {}),
      ),
      'API_HOST_PORTS',
    ];
    const names = [...readme.matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g)].map(([name]) => name);
    expect(known).toEqual(expect.arrayContaining(names));
  });
});
