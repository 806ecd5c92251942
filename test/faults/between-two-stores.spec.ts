import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { Failpoint } from '@app/config';
import type { EventStore } from '@app/event-store';
import { channelStream } from '@app/event-store';
import type { Member, Members, RoleProcess } from '@app/testing';
import {
  aChannelId,
  anAccount,
  freePort,
  membersOf,
  RestClient,
  useTestBed,
  waitFor,
} from '@app/testing';
import { Keyring, TokenSealer } from '@app/token-vault';
import { InternalService, outcomeOf } from '../support/internal-service';

/** The internal process, and another service that calls it. */
interface Internal {
  readonly role: RoleProcess;
  readonly service: InternalService;
}

/**
 * Every process that writes to two stores is killed between the two, by a failpoint; what another
 * one makes of it must be what one that lived would have made.
 */
describe('A process that is killed between two stores', () => {
  const bed = useTestBed({ patient: true });
  let members: Members;
  let dataSource: DataSource;
  let events: EventStore;
  let env: NodeJS.ProcessEnv;
  let owner: Member;
  let api: RestClient;
  let secret: string;

  beforeAll(async () => {
    members = await membersOf(bed);
    dataSource = await bed.dataSource();
    events = await bed.eventStore();
    env = await bed.environment({ READ_MODEL_WAIT_MS: '0', NODE_ENV: 'test' });
    owner = await members.admit();
    secret = await members.mintService(['connect', 'lease', 'refresh']);
    const [{ url }] = await Promise.all([
      bed.startRole('api', env),
      bed.startRole('projector', env),
    ]);
    api = new RestClient(url, owner.key);
  });

  async function start(failpoint?: Failpoint, overrides: object = {}): Promise<Internal> {
    const port = { INTERNAL_PORT: String(await freePort()) };
    const armed = failpoint ? { FAILPOINT: failpoint } : {};
    const role = await bed.startRole('internal', { ...env, ...port, ...armed, ...overrides });
    return { role, service: new InternalService(role.url, secret) };
  }

  /** Calls a process that dies of it. */
  async function kill(
    { role, service }: Internal,
    call: (to: InternalService) => Promise<unknown>,
  ) {
    await expect(call(service)).rejects.toThrow('fetch failed');
    expect(await role.exited).toEqual({ code: null, signal: 'SIGKILL' });
  }

  const account = () => anAccount({ workspaceId: owner.workspaceId, actor: owner.userId });

  async function connectedBy({ service }: Internal): Promise<string> {
    const { status, body } = await service.connect(account());
    expect(status).toBe(201);
    return body.id;
  }

  const disconnect = async (id: string): Promise<void> => {
    const { status } = await api.delete(`/api/v1/social-accounts/${id}`);
    expect(status).toBe(200);
  };
  const typesOf = async (id: string): Promise<string[]> =>
    (await events.read(channelStream(id))).map(({ event }) => event.type);
  const untilSettled = (id: string): Promise<unknown> =>
    waitFor(
      async () => {
        const rows: { pending: boolean }[] = await dataSource.query(
          `SELECT pending_event IS NOT NULL AS pending FROM vault.tokens WHERE channel_id = $1`,
          [id],
        );
        return rows[0]?.pending === false;
      },
      { what: 'nothing pending', withinMs: 20_000 },
    );
  const isPending = async (id: string): Promise<boolean> => {
    const rows: unknown[] = await dataSource.query(
      `SELECT 1 FROM vault.tokens WHERE channel_id = $1 AND pending_event IS NOT NULL`,
      [id],
    );
    return rows.length === 1;
  };

  describe.each<[Failpoint, string[]]>([
    ['tokens:stored', ['ChannelConnected']],
    ['tokens:appended', ['ChannelConnected', 'ChannelTokenRefreshed']],
  ])('by %s', (failpoint, left) => {
    it('has its refresh finished by the next one, once, without being asked', async () => {
      const dying = await start(failpoint);
      const id = await connectedBy(dying);
      await kill(dying, (service) => service.refreshed(id, 'second'));
      expect([await typesOf(id), await isPending(id)]).toEqual([left, true]);

      const next = await start();
      await untilSettled(id);
      expect(await typesOf(id)).toEqual(['ChannelConnected', 'ChannelTokenRefreshed']);
      const repeated = await next.service.refreshed(id, 'second');
      expect([repeated.status, repeated.body.version]).toEqual([200, 2]);
      expect((await next.service.leaseOnceOpen(id)).body).toMatchObject({
        accessToken: 'second',
        version: 2,
      });
      await next.role.stop();
    });

    it('records no refresh after a disconnect that came in between', async () => {
      const dying = await start(failpoint);
      const id = await connectedBy(dying);
      await kill(dying, (service) => service.refreshed(id, 'second'));
      await disconnect(id);

      const next = await start();
      await untilSettled(id);
      expect(await typesOf(id)).toEqual([...left, 'ChannelDisconnected']);
      expect(outcomeOf(await next.service.refreshed(id, 'second'))).toBe(
        '409 CHANNEL_DISCONNECTED',
      );
      expect(outcomeOf(await next.service.leaseOnceOpen(id))).toBe('409 CHANNEL_DISCONNECTED');
      await next.role.stop();
    });
  });

  it('by tokens:stored has its reauthorization stand before a refresh that comes late', async () => {
    const dying = await start('tokens:stored');
    const id = await connectedBy(dying);
    await kill(dying, (service) => service.reauthorize(id, 'again'));

    const next = await start();
    const late = await next.service.refreshed(id, 'late');
    expect(outcomeOf(late)).toBe('409 TOKEN_VERSION_MISMATCH');
    await untilSettled(id);
    expect(await typesOf(id)).toEqual(['ChannelConnected', 'ChannelReauthorized']);
    expect((await next.service.leaseOnceOpen(id)).body).toMatchObject({
      accessToken: 'again',
      version: 2,
    });
    await next.role.stop();
  });

  it('by lease:written has answered nothing, and the lease is on record', async () => {
    const dying = await start('lease:written');
    const id = await connectedBy(dying);
    // Closed at first, until the registrar has seen the former tests: that kills nobody.
    const answered = (): Promise<number> => dying.service.lease(id).then(({ status }) => status);
    await waitFor(async () => (await answered().catch(() => 'killed')) === 'killed');
    expect((await dying.role.exited).signal).toBe('SIGKILL');
    const rows: object[] = await dataSource.query(
      'SELECT kind, version, refusal FROM vault.leases WHERE channel_id = $1',
      [id],
    );
    expect(rows).toEqual([{ kind: 'access', version: 1, refusal: null }]);
    await disconnect(id);
    const next = await start();
    expect(outcomeOf(await next.service.leaseOnceOpen(id))).toBe('409 CHANNEL_DISCONNECTED');
    await next.role.stop();
  });

  it('by disconnect:appended has ended the channel: no lease, though no ending is written', async () => {
    const next = await start();
    const id = await connectedBy(next);
    const port = { API_PORT: String(await freePort()) };
    const dying = await bed.startRole('api', { ...env, ...port, FAILPOINT: 'disconnect:appended' });
    const client = new RestClient(dying.url, owner.key);
    await expect(client.delete(`/api/v1/social-accounts/${id}`)).rejects.toThrow('fetch failed');
    expect((await dying.exited).signal).toBe('SIGKILL');

    expect(outcomeOf(await next.service.leaseOnceOpen(id))).toBe('409 CHANNEL_DISCONNECTED');
    expect(outcomeOf(await next.service.refreshed(id, 'late'))).toBe('409 CHANNEL_DISCONNECTED');
    await next.role.stop();
  });

  describe.each<[Failpoint]>([['connect:opened'], ['connect:appended']])('by %s', (failpoint) => {
    it('holds the account for its key alone, which finishes it under the same id', async () => {
      const [mine, key] = [account(), randomUUID()];
      await kill(await start(failpoint), (service) => service.connect(mine, key));
      const [opened]: { id: string }[] = await dataSource.query(
        'SELECT id FROM registry.channels WHERE external_id = $1',
        [mine.externalId],
      );

      const next = await start();
      const rival = await next.service.connect(mine);
      expect(outcomeOf(rival)).toBe('409 ACCOUNT_ALREADY_CONNECTED');
      const again = await next.service.connect(mine, key);
      expect([again.status, again.body.id]).toEqual([201, opened!.id]);
      expect(await typesOf(opened!.id)).toEqual(['ChannelConnected']);
      await next.role.stop();
    });
  });

  it.each<[string, Failpoint | undefined]>([
    ['is given up by a job when its time is over', undefined],
    ['is given up once more when that one is killed by abandon:appended', 'abandon:appended'],
  ])('by connect:opened %s, and leaves nothing', async (_, failpoint) => {
    const soon = { CONNECT_ABANDON_AFTER_MS: '1000' };
    const [mine, key] = [account(), randomUUID()];
    await kill(await start('connect:opened', soon), (service) => service.connect(mine, key));
    const [opened]: { id: string }[] = await dataSource.query(
      'SELECT id FROM registry.channels WHERE external_id = $1',
      [mine.externalId],
    );
    const { id } = opened!;
    if (failpoint) {
      // It may be killed before it has said that it is ready.
      const dying = await start(failpoint, soon).catch(() => undefined);
      expect(await dying?.role.exited).not.toEqual({ code: 0, signal: null });
      expect(await typesOf(id)).toEqual(['ConnectAbandoned']);
    }

    const next = await start(undefined, soon);
    await waitFor(
      async () => {
        const rows: { state: string; wiped: boolean; keys: number }[] = await dataSource.query(
          `SELECT channel.state, stored.wiped_at IS NOT NULL AS wiped,
                  (SELECT count(*)::int FROM registry.idempotency_keys WHERE channel_id = $1) AS keys
             FROM registry.channels channel JOIN vault.tokens stored ON stored.channel_id = channel.id
            WHERE channel.id = $1`,
          [id],
        );
        const { state, wiped, keys } = rows[0]!;
        return state === 'ended' && wiped && keys === 0;
      },
      { what: 'nothing left of the connect', withinMs: 30_000 },
    );
    expect(await typesOf(id)).toEqual(['ConnectAbandoned']);
    expect(outcomeOf(await next.service.leaseOnceOpen(id))).toBe('404 CHANNEL_NOT_FOUND');
    const again = await next.service.connect(mine, key);
    expect(again.status).toBe(201);
    expect(again.body.id).not.toBe(id);
    await next.role.stop();
  });

  it.each<Failpoint>(['keks:rotated', 'keks:rewrapping'])(
    'by %s has its rotation finished by the next one, and every token opens',
    async (failpoint) => {
      const dying = await start(failpoint);
      const id = await connectedBy(dying);
      const keyring = Keyring.fromFile(bed.vaultKeyFile());
      const before = keyring.activeId;
      // More than one transaction of a rotation takes.
      await dataSource.transaction(async (manager) => {
        for (let n = 0; n < 60; n++) {
          const target = { channelId: aChannelId(), workspaceId: owner.workspaceId };
          const tokens = { accessToken: `token ${n}`, refreshToken: null };
          await new TokenSealer(keyring).seal(manager, target, tokens);
        }
      });
      await dataSource.query(
        `SELECT graphile_worker.add_job('rotate-kek',
                  json_build_object('askedAt', clock_timestamp()), job_key => 'rotate-kek')`,
      );
      expect((await dying.role.exited).signal).toBe('SIGKILL');
      expect(keyring.activeId).not.toBe(before);

      const next = await start();
      await dataSource.query(
        `SELECT graphile_worker.add_job('tend-keks', job_key => 'tend-keks', max_attempts => 1)`,
      );
      await waitFor(async () => {
        const keys: { key_id: string }[] = await dataSource.query(
          'SELECT DISTINCT key_id FROM vault.tokens WHERE wiped_at IS NULL',
        );
        return keys.map(({ key_id }) => key_id).join() === keyring.activeId;
      });
      expect((await next.service.leaseOnceOpen(id)).status).toBe(200);
      await next.role.stop();
    },
  );
});
