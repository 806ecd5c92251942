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
import { bestOf } from '../../support/best-of';
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
    await disconnected(await aChannel());
    await untilAnswered(201, () => connect());
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

  /** Holds an answer to 503. @returns the milliseconds until it came, and what it says */
  async function away(asking: Promise<RestAnswer<ProblemBody>>) {
    const asked = performance.now();
    const { status, headers, body } = await asking;
    const took = performance.now() - asked;
    expect([status, body.code]).toEqual([503, 'STORE_UNAVAILABLE']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    return { took, message: body.message };
  }
  /** Whether the request came so far: one that a busy machine held up has its 503 before. */
  function hangAt(name: keyof typeof proxies, sent: string): { readonly isReached: boolean } {
    const midway = { isReached: false };
    void proxies[name].hangAt(sent).then(() => (midway.isReached = true));
    return midway;
  }
  const disconnected = (id: string): Promise<ProblemBody> =>
    untilAnswered(200, () => disconnect(id));
  const untilAnswered = (
    status: number,
    ask: () => Promise<RestAnswer<ProblemBody>>,
  ): Promise<ProblemBody> =>
    waitFor(
      async () => {
        const answer = await ask();
        return answer.status === status && answer.body;
      },
      { what: `an answer ${status}`, withinMs: 30_000 },
    );

  it.each(['PostgreSQL', 'event store'] as const)(
    'is answered with 503 in time while it is the %s, and all goes on afterwards',
    async (name) => {
      const slowest = await bestOf(limitMs, async () => {
        const ids = await Promise.all(Array.from({ length: crowd }, aChannel));
        // Connections that were good a moment ago.
        await Promise.all(ids.map((id) => api.get(pathOf(id))));
        await untilAnswered(201, () => connect());

        proxies[name].hang();
        const took: number[] = [];
        // Twice: with connections that fell silent, and with ones that never come about.
        for (let round = 0; round < 2; round++) {
          const answers = [...ids.map((id) => away(disconnect(id))), away(connect())];
          for (const answer of await Promise.all(answers)) took.push(answer.took);
        }

        proxies[name].heal();
        for (const id of ids) await disconnected(id);
        await untilAnswered(201, () => connect());
        return Math.max(...took);
      });
      expect(slowest).toBeLessThan(limitMs);
    },
  );

  it.each([
    ['PostgreSQL', 'INSERT INTO registry.endings', 2],
    ['event store', 'ChannelDisconnected', 1],
  ] as const)(
    'when it is the %s in the middle of a disconnect: it may be done, and a repeat is safe',
    async (name, sent, appended) => {
      const slowest = await bestOf(limitMs, async () => {
        const id = await aChannel();
        const midway = hangAt(name, sent);
        const { took, message } = await away(disconnect(id));
        if (!midway.isReached) return Infinity;
        expect(message).toMatch(/may be done already. Repeating the request is safe/);
        expect(await events.read(channelStream(id))).toHaveLength(appended);

        proxies[name].heal();
        expect(await disconnected(id)).toMatchObject({ id, status: 'DISCONNECTED' });
        expect(await events.read(channelStream(id))).toHaveLength(2);
        return took;
      });
      expect(slowest).toBeLessThan(limitMs);
    },
  );

  it.each([
    ['event store', 'at the append', 'ChannelConnected'],
    ['PostgreSQL', 'when the claim goes live', 'UPDATE registry.channels SET state'],
    ['PostgreSQL', 'when the row is looked for', 'FROM read_model.channels'],
  ] as const)(
    'when it is the %s in the middle of a connect, %s: it may be done, and the same key finishes it',
    async (name, _, sent) => {
      const slowest = await bestOf(limitMs, async () => {
        const account = anAccount({ workspaceId: owner.workspaceId });
        const key = randomUUID();
        const midway = hangAt(name, sent);
        const { took, message } = await away(connect(account, key));
        if (!midway.isReached) return Infinity;
        expect(message).toMatch(/may be done already. Repeating the request is safe/);

        proxies[name].heal();
        const body = await untilAnswered(201, () => connect(account, key));
        expect(body).toMatchObject({ externalId: account.externalId, status: 'ACTIVE' });
        const { id } = body as unknown as { id: string };
        expect(await events.read(channelStream(id))).toHaveLength(1);
        const claims: unknown = await dataSource.query(
          'SELECT id, state FROM registry.channels WHERE external_id = $1',
          [account.externalId],
        );
        expect(claims).toEqual([{ id, state: 'live' }]);
        return took;
      });
      expect(slowest).toBeLessThan(limitMs);
    },
  );
});
