import { join } from 'node:path';
import type { EventStore } from '@app/event-store';
import { channelStream } from '@app/event-store';
import type { RunningEngine } from '@app/embedded';
import { startEventStore } from '@app/embedded';
import type { Member, RestAnswer } from '@app/testing';
import { freePort, membersOf, RestClient, TestBed, waitFor } from '@app/testing';
import { aChannel } from '../support/channels';
import { TcpProxy } from '../support/tcp-proxy';

/** With an event store that can be killed, and comes back under the same address. */
class MortalBed extends TestBed {
  private store: Promise<RunningEngine> | undefined;
  private port: number | undefined;

  override eventStoreEngine(): Promise<RunningEngine> {
    return (this.store ??= this.start());
  }

  async killEventStore(): Promise<void> {
    const engine = await this.eventStoreEngine();
    engine.kill();
    await engine.exited;
    this.store = undefined;
  }

  private async start(): Promise<RunningEngine> {
    const port = (this.port ??= await freePort());
    const engine = await startEventStore({
      dataDir: join(this.folder, 'mortal'),
      port,
      strict: this.strictness,
    });
    this.atEnd(() => engine.stop());
    return engine;
  }
}

/** A busy machine is no store that is away: whatever is not done then isn't begun. */
const storeTimeoutMs = 4_000;

type Answer = RestAnswer<{
  results?: { status: number; error?: { code: string } }[];
  code?: string;
}>;

describe('A bulk disconnect while the event store goes away', () => {
  const bed = new MortalBed();
  let events: EventStore;
  let owner: Member;
  let proxy: TcpProxy;
  let client: RestClient;

  beforeAll(async () => {
    events = await bed.eventStore();
    owner = await (await membersOf(bed)).admit();
    proxy = await TcpProxy.before((await bed.eventStoreEngine()).url);
    bed.atEnd(() => proxy.close());
    const env = await bed.environment({
      EVENTSTORE_URL: proxy.url,
      STORE_TIMEOUT_MS: String(storeTimeoutMs),
    });
    const { url } = await bed.startRole('api', env);
    client = new RestClient(url, owner.key);
  });

  afterAll(() => bed.close());

  const connected = async (count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let n = 0; n < count; n++) {
      ids.push((await aChannel(events, { workspaceId: owner.workspaceId })).channelId);
    }
    return ids;
  };
  const bulk = (accountIds: readonly string[]): Promise<Answer> =>
    client.post('/api/v1/social-accounts/bulk-disconnect', { body: { accountIds } });

  it('tells what was done before, and all is done once by a repeat afterwards', async () => {
    const ids = await connected(100);
    const half = proxy.hears(ids[50]!);
    const answering = bulk(ids);
    await half;
    await bed.killEventStore();
    const { status, body } = await answering;
    expect(status).toBe(200);
    const statuses = body.results!.map((result) => result.status);
    expect(statuses).toHaveLength(100);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    for (const { error } of body.results!) {
      if (error) expect(error.code).toBe('STORE_UNAVAILABLE');
    }

    await bed.eventStoreEngine();
    await waitFor(
      async () => {
        const again = await bulk(ids);
        return again.body.results?.every((result) => result.status === 200);
      },
      { what: 'an answer without a failure', everyMs: 1_000, withinMs: 30_000 },
    );
    for (const id of ids) expect(await events.read(channelStream(id))).toHaveLength(2);
  });

  it('is a 503 as a whole when nothing can be done, and soon, also when the store only hangs', async () => {
    const ids = await connected(100);
    const { pid } = await bed.eventStoreEngine();
    process.kill(pid, 'SIGSTOP');
    try {
      const begun = Date.now();
      const { status, headers, body } = await bulk(ids);
      expect([status, body.code]).toEqual([503, 'STORE_UNAVAILABLE']);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      // One timeout, not one for each five of them.
      expect(Date.now() - begun).toBeLessThan(4 * storeTimeoutMs);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await waitFor(async () => (await bulk(ids)).status === 200, { everyMs: 1_000 });
  });
});
