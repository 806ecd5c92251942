import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { EventStore } from '@app/event-store';
import { channelStream } from '@app/event-store';
import type { ProblemBody } from '@app/http';
import type { Member, Members, RestAnswer } from '@app/testing';
import {
  aContext,
  anAccount,
  connected,
  membersOf,
  RestClient,
  useTestBed,
  waitFor,
} from '@app/testing';
import { quickPings } from '../../support/quick-pings';
import { TcpProxy } from '../../support/tcp-proxy';

/** A caller has its answer by then, whatever an engine does. */
const limitMs = 2_000;
/** More callers than connections. */
const crowd = 25;

describe('An engine that accepts connections and never answers', () => {
  const bed = useTestBed();
  let members: Members;
  let dataSource: DataSource;
  let events: EventStore;
  let owner: Member;
  let api: RestClient;
  let internal: RestClient;
  const proxies = {} as Record<'PostgreSQL' | 'event store', TcpProxy>;

  beforeAll(async () => {
    members = await membersOf(bed);
    dataSource = await bed.dataSource();
    events = await bed.eventStore();
    owner = await members.admit();
    proxies['PostgreSQL'] = await TcpProxy.before(await bed.databaseUrl());
    proxies['event store'] = await TcpProxy.before((await bed.eventStoreEngine()).url);
    for (const proxy of Object.values(proxies)) bed.atEnd(() => proxy.close());
    const env = await bed.environment({
      DATABASE_URL: proxies['PostgreSQL'].url,
      EVENTSTORE_URL: `${proxies['event store'].url}&${quickPings}`,
      READ_MODEL_WAIT_MS: '0',
    });
    const roles = await Promise.all([bed.startRole('api', env), bed.startRole('internal', env)]);
    api = new RestClient(roles[0].url, owner.key);
    internal = new RestClient(roles[1].url, await members.mintService(['connect']));
  });

  // What was cut off in the case before may be silent for a while yet.
  beforeEach(async () => {
    const id = await aChannel();
    await waitFor(async () => (await disconnect(id)).status === 200, { withinMs: 30_000 });
    await waitFor(async () => (await connect()).status === 201, { withinMs: 30_000 });
  });
  afterEach(() => Object.values(proxies).forEach((proxy) => proxy.heal()));

  async function aChannel(): Promise<string> {
    const start = connected({ workspaceId: owner.workspaceId });
    const { channelId } = start.data;
    await events.append(channelStream(channelId), 'no_stream', [start], aContext());
    return channelId;
  }
  const pathOf = (id: string): string => `/api/v1/social-accounts/${id}`;
  const disconnect = (id: string): Promise<RestAnswer<ProblemBody>> => api.delete(pathOf(id));
  const connect = (
    body = anAccount({ workspaceId: owner.workspaceId }),
    key: string = randomUUID(),
  ): Promise<RestAnswer<ProblemBody>> =>
    internal.post('/internal/v1/channels', { body, headers: { 'idempotency-key': key } });

  /** Holds an answer to 503 in time. */
  async function expectAway(asking: Promise<RestAnswer<ProblemBody>>): Promise<ProblemBody> {
    const asked = performance.now();
    const { status, headers, body } = await asking;
    const took = performance.now() - asked;
    expect([status, body.code]).toEqual([503, 'STORE_UNAVAILABLE']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(took).toBeLessThan(limitMs);
    return body;
  }

  it.each(['PostgreSQL', 'event store'] as const)(
    'is answered with 503 in time while it is the %s, and all goes on afterwards',
    async (name) => {
      const ids = await Promise.all(Array.from({ length: crowd }, aChannel));
      // Connections that were good a moment ago.
      await Promise.all(ids.map((id) => api.get(pathOf(id))));
      expect((await connect()).status).toBe(201);

      proxies[name].hang();
      // Twice: with connections that fell silent, and with ones that never come about.
      for (let round = 0; round < 2; round++) {
        await Promise.all([...ids.map((id) => expectAway(disconnect(id))), expectAway(connect())]);
      }

      proxies[name].heal();
      for (const id of ids) {
        await waitFor(async () => (await disconnect(id)).status === 200, {
          what: `an answer for ${id}`,
          withinMs: 30_000,
        });
      }
      await waitFor(async () => (await connect()).status === 201, { withinMs: 30_000 });
    },
    120_000,
  );

  it.each([
    ['PostgreSQL', 'INSERT INTO registry.endings', 2],
    ['event store', 'ChannelDisconnected', 1],
  ] as const)(
    'when it is the %s in the middle of a disconnect: it may be done, and a repeat is safe',
    async (name, sent, appended) => {
      const id = await aChannel();
      void proxies[name].hangAt(sent);
      const { message } = await expectAway(disconnect(id));
      expect(message).toMatch(/may be done already. Repeating the request is safe/);
      expect(await events.read(channelStream(id))).toHaveLength(appended);

      proxies[name].heal();
      const { body } = await waitFor(
        async () => {
          const answer = await disconnect(id);
          return answer.status === 200 && answer;
        },
        { withinMs: 30_000 },
      );
      expect(body).toMatchObject({ id, status: 'DISCONNECTED' });
      expect(await events.read(channelStream(id))).toHaveLength(2);
    },
    60_000,
  );

  it.each([
    ['event store', 'at the append', 'ChannelConnected'],
    ['PostgreSQL', 'when the claim goes live', 'UPDATE registry.channels SET state'],
    ['PostgreSQL', 'when the row is looked for', 'FROM read_model.channels'],
  ] as const)(
    'when it is the %s in the middle of a connect, %s: it may be done, and the same key finishes it',
    async (name, _, sent) => {
      const account = anAccount({ workspaceId: owner.workspaceId });
      const key = randomUUID();
      void proxies[name].hangAt(sent);
      const { message } = await expectAway(connect(account, key));
      expect(message).toMatch(/may be done already. Repeating the request is safe/);

      proxies[name].heal();
      const { body } = await waitFor(
        async () => {
          const answer = await connect(account, key);
          return answer.status === 201 && answer;
        },
        { withinMs: 30_000 },
      );
      expect(body).toMatchObject({ externalId: account.externalId, status: 'ACTIVE' });
      const { id } = body as unknown as { id: string };
      expect(await events.read(channelStream(id))).toHaveLength(1);
      const claims: unknown = await dataSource.query(
        'SELECT id, state FROM registry.channels WHERE external_id = $1',
        [account.externalId],
      );
      expect(claims).toEqual([{ id, state: 'live' }]);
    },
    60_000,
  );
});
