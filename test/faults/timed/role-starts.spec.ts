import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { ServiceRole } from '@app/config';
import { serviceRoles } from '@app/config';
import type { RoleStartError } from '@app/testing';
import { freePort, membersOf, RestClient, useTestBed, waitFor } from '@app/testing';
import { aChannel } from '../../support/channels';
import { bestOf } from '../../support/best-of';
import { revocationEnvironment } from '../../support/revocation-settings';
import { untilThere } from '../../support/until-there';

/** A role that can't start must be gone by then. */
const startLimitMs = 10_000;
/** And one that is told to end, by then. */
const endLimitMs = 5_000;

describe('A role that starts alone', () => {
  const bed = useTestBed();

  beforeAll(async () => {
    await bed.createTopics();
  });

  /** Starts a role that must fail; answers the one line that it leaves. */
  async function failure(role: ServiceRole, overrides: Record<string, string>): Promise<string> {
    const env = await bed.environment(overrides);
    let output = '';
    const took = await bestOf(startLimitMs, async () => {
      const startedAt = Date.now();
      const error = await bed.startRole(role, env).then(
        () => undefined,
        (reason: unknown) => reason as RoleStartError,
      );
      expect(error?.name).toBe('RoleStartError');
      expect(error!.exit).toEqual({ code: 1, signal: null });
      ({ output } = error!);
      return Date.now() - startedAt;
    });
    expect(took).toBeLessThan(startLimitMs);
    // One readable line, whatever else was logged before; never a stack.
    expect(output).not.toMatch(/\n\s+at /);
    return output.trim().split('\n').at(-1)!;
  }

  const withKafka: readonly ServiceRole[] = ['relay', 'subscribers'];
  /** Side by side: what is waited for is mostly the loading of code. */
  const each = async (
    roles: readonly ServiceRole[],
    check: (role: ServiceRole) => Promise<void>,
  ): Promise<void> => {
    await Promise.all(roles.map(check));
  };

  it('every role says that PostgreSQL is away, and never its password', () =>
    each(serviceRoles, async (role) => {
      const port = await freePort();
      const line = await failure(role, { DATABASE_URL: `postgres://u:sesame@127.0.0.1:${port}/x` });
      expect(line).toMatch(
        new RegExp(`^${role} can't start: PostgreSQL at .*:${port}.*DATABASE_URL`),
      );
      expect(line).not.toContain('sesame');
    }));

  it('every role says that the event store is away', () =>
    each(serviceRoles, async (role) => {
      const port = await freePort();
      const url = `esdb://127.0.0.1:${port}?tls=false`;
      const line = await failure(role, { EVENTSTORE_URL: url });
      expect(line).toMatch(
        new RegExp(`^${role} can't start: EventStoreDB at .*:${port}.*EVENTSTORE_URL`),
      );
    }));

  it('every role on Kafka says that Kafka is away', () =>
    each(withKafka, async (role) => {
      const broker = `127.0.0.1:${await freePort()}`;
      const line = await failure(role, { KAFKA_BROKERS: broker });
      expect(line).toMatch(new RegExp(`^${role} can't start: Kafka at ${broker}.*KAFKA_BROKERS`));
    }));

  it('every role on Kafka says that the topics are missing', () =>
    each(withKafka, async (role) => {
      const line = await failure(role, { KAFKA_NAME_PREFIX: 'nowhere.' });
      expect(line).toMatch(/nowhere\.postbreeze\.channels\.v1.*npm run ops -- setup/);
    }));

  it('every role on Kafka says that an engine hangs', () =>
    each(withKafka, async (role) => {
      const silent = createServer().listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      try {
        const url = `postgres://u:p@127.0.0.1:${port}/x`;
        const line = await failure(role, { DATABASE_URL: url, START_TIMEOUT_MS: '1000' });
        expect(line).toMatch(new RegExp(`^${role} can't start: PostgreSQL at .*:${port}`));
      } finally {
        silent.close();
      }
    }));

  it('every role says that its port is taken', () =>
    each(serviceRoles, async (role) => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo;
      try {
        const variable = `${role.toUpperCase()}_PORT`;
        const line = await failure(role, { [variable]: String(port) });
        expect(line).toBe(
          `${role} can't start: port ${port} is taken: stop what listens there, or set ${variable} to a free one`,
        );
      } finally {
        other.close();
      }
    }));

  it('an API says that the port of its metrics is taken, or is the one that callers reach', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const port = String((other.address() as AddressInfo).port);
    try {
      expect(await failure('api', { API_METRICS_PORT: port })).toBe(
        `api can't start: port ${port} is taken: stop what listens there, or set API_METRICS_PORT to a free one`,
      );
      const same = { INTERNAL_PORT: '10001', INTERNAL_METRICS_PORT: '10001' };
      expect(await failure('internal', same)).toBe(
        "internal can't start: INTERNAL_METRICS_PORT is INTERNAL_PORT as well: set one of them to another port, for callers must not reach metrics",
      );
    } finally {
      other.close();
    }
  });

  it('says which settings are missing or wrong', async () => {
    const line = await failure('api', { DATABASE_URL: '', LOG_LEVEL: 'loud', API_PORT: '70000' });
    expect(line).toMatch(/^api can't start: Set DATABASE_URL, for example /);
    expect(line).toMatch(/API_PORT can't be used: /);
    expect(line).toMatch(/LOG_LEVEL can't be used: /);
  });

  it('says that the database is not migrated', async () => {
    const url = new URL(await bed.databaseUrl());
    url.pathname = '/postgres';
    const line = await failure('api', { DATABASE_URL: url.href });
    expect(line).toMatch(
      /^api can't start: The database lacks \d+ migrations: run npm run ops -- setup$/,
    );
  });

  it('says that the key file can be read by others, or is missing', async () => {
    const line = await failure('internal', { VAULT_KEY_FILE: '/nonexistent/keys.json' });
    expect(line).toMatch(/^internal can't start: The key file .* can't be read \(ENOENT\)/);
  });

  it('says what a subscriber that withdraws grants lacks', async () => {
    const url = 'http://127.0.0.1:1/revoke';
    const env = revocationEnvironment(bed, url);
    const lines = await Promise.all([
      failure('subscribers', { REVOKED_GRANTS: 'x' }),
      failure('subscribers', { ...env, REVOCATION_FILE: '/nonexistent/revocation.json' }),
      failure('subscribers', { ...env, REVOCATION_KEYS_DIR: bed.folder.concat('/no/where') }),
      failure('subscribers', { ...env, VAULT_KEY_FILE: '/nonexistent/keys.json' }),
      failure('subscribers', { ...env, NODE_ENV: 'production' }),
    ]);
    expect(lines.map((line) => line.replace(bed.folder, ''))).toEqual([
      "subscribers can't start: Set REVOCATION_FILE, for example REVOCATION_FILE=/run/secrets/revocation.json; Set REVOCATION_KEYS_DIR, for example REVOCATION_KEYS_DIR=/run/secrets/revocation-keys",
      "subscribers can't start: The revocation file /nonexistent/revocation.json can't be read (ENOENT): see REVOCATION_FILE",
      "subscribers can't start: /no/where can't be made (ENOENT): see REVOCATION_KEYS_DIR",
      expect.stringContaining('/nonexistent/keys.json') as string,
      "subscribers can't start: /revocation.json: google must be called at https://oauth2.googleapis.com: set its url to that, or leave it out",
    ]);
  });

  it('every role ends with 0 soon after SIGTERM', () =>
    each(serviceRoles, async (role) => {
      const env = await bed.environment();
      const took = await bestOf(endLimitMs, async () => {
        const started = await bed.startRole(role, env);
        const asked = Date.now();
        const { code, signal } = await started.stop();
        expect(signal).toBeNull();
        // What takes longer is cut off, with another code.
        return code === 0 ? Date.now() - asked : Infinity;
      });
      expect(took).toBeLessThan(endLimitMs);
    }));

  it('an api that is told to end sends callers elsewhere, and answers whoever has asked, also without a store', async () => {
    const { workspaceId, key } = await (await membersOf(bed)).admit();
    const { channelId } = await aChannel(await bed.eventStore(), { workspaceId });
    // So long that a busy machine comes to ask it meanwhile.
    const api = await bed.startRole('api', await bed.environment({ SHUTDOWN_DRAIN_MS: '4000' }));
    const client = new RestClient(api.url, key);
    // What a DELETE writes after its event: it waits for that until it answers 503.
    const blocker = (await bed.dataSource()).createQueryRunner();
    await blocker.startTransaction();
    await blocker.query('LOCK TABLE registry.endings IN EXCLUSIVE MODE');
    const deleting = client.delete<{ code: string }>(`/api/v1/social-accounts/${channelId}`);
    await waitFor(async () => {
      const [{ waiting }] = (await blocker.query(
        `SELECT count(*)::int AS waiting FROM pg_locks WHERE relation = 'registry.endings'::regclass AND NOT granted`,
      )) as [{ waiting: number }];
      return waiting > 0;
    });

    const ended = api.stop();
    const told = await waitFor(async () => {
      const ready = await client.get<{ status: string }>('/health/ready');
      return ready.status === 503 && ready;
    });
    const listed = await untilThere(() => client.get('/api/v1/social-accounts'));
    const { status, headers, body } = await deleting;
    expect(told.body).toEqual({ status: 'stopping' });
    expect([listed.status, status, headers.get('retry-after')]).toEqual([200, 503, '1']);
    expect(body.code).toBe('STORE_UNAVAILABLE');
    for (const answer of [told, listed, { headers }]) {
      expect(answer.headers.get('connection')).toBe('close');
    }
    expect(await ended).toEqual({ code: 0, signal: null });
    await blocker.rollbackTransaction();
    await blocker.release();
  });
});
