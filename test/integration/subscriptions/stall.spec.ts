import type { DataSource } from 'typeorm';
import { channelStream, EventStore } from '@app/event-store';
import { runAsLeader } from '@app/leadership';
import { workBoard } from '@app/observability';
import { CheckpointStore } from '@app/persistence';
import type { EventHandler } from '@app/subscriptions';
import { runHandler } from '@app/subscriptions';
import { aContext, connected, useTestBed, waitFor } from '@app/testing';
import { TcpProxy } from '../../support/tcp-proxy';

const bed = useTestBed();
let dataSource: DataSource;
let events: EventStore;
let checkpoints: CheckpointStore;
beforeAll(async () => {
  dataSource = await bed.dataSource();
  events = await bed.eventStore();
  checkpoints = new CheckpointStore(dataSource);
});

/** So many looks take twice as long as it needs to be a stall. */
const looks = 12;

async function connectOne(): Promise<void> {
  const event = connected();
  const stream = channelStream(event.data.channelId);
  await events.append(stream, 'no_stream', [event], aContext());
}

async function caughtUp(name: string, seen: readonly string[]): Promise<boolean> {
  const checkpoint = await checkpoints.load(name);
  return checkpoint !== null && checkpoint.event?.id === seen.at(-1);
}

/** A store that is said to be away, so that nothing is a stall for as long. */
function awayFor(store: EventStore) {
  return jest.spyOn(store, 'lastPosition').mockRejectedValue(new Error('away'));
}

/** Follows the event store as the leader; `ended` is how that went. */
function follow(handler: EventHandler, store = events, stallAfterMs = 900) {
  const ending = new AbortController();
  const { signal } = ending;
  const ended = runAsLeader({ name: handler.name, dataSource, termMs: 6_000, signal }, (term) =>
    runHandler({
      ...{ handler, term, events: store, dataSource, checkpoints },
      ...{ retryCapMs: 50, stallAfterMs },
    }),
  );
  let state = 'runs';
  void ended.then(
    () => (state = 'ended'),
    () => (state = 'failed'),
  );
  const stop = async (): Promise<void> => {
    ending.abort();
    await ended;
  };
  return { ended, stop, state: () => state };
}

it('a handler that fails each time ends its process with one line, but not while a store is away', async () => {
  await connectOne();
  const away = awayFor(events);
  const apply = (): Promise<void> => Promise.reject(new Error('always'));
  const { ended, state } = follow({ name: 'failing', apply });
  await waitFor(() => away.mock.calls.length >= looks);
  expect(state()).toBe('runs');

  away.mockRestore();
  await expect(ended).rejects.toThrow(
    /^The handler failing has stood still at -1 of \$all for \d+ s, with work waiting, although every engine answers$/,
  );
});

it('a subscription that falls silent ends its process too, long before TCP finds out', async () => {
  const seen: string[] = [];
  const proxy = await TcpProxy.before((await bed.eventStoreEngine()).url);
  bed.atEnd(() => proxy.close());
  const silent = new EventStore(proxy.url, 5_000);
  bed.atEnd(() => silent.close());
  // While it catches up it may take its time.
  const away = awayFor(silent);
  const apply: EventHandler['apply'] = (_, batch) =>
    Promise.resolve(void seen.push(...batch.map(({ id }) => id)));
  const { ended } = follow({ name: 'silent', apply }, silent);
  await waitFor(() => caughtUp('silent', seen));

  proxy.hang();
  // Only what the subscription goes through is silent: everything else answers.
  away.mockImplementation(() => events.lastPosition());
  await connectOne();
  await expect(ended).rejects.toThrow(/^The handler silent has stood still at \d+ of \$all/);
});

it('a handler that is idle goes on', async () => {
  const seen: string[] = [];
  await connectOne();
  const away = awayFor(events);
  const handler = follow({
    name: 'idle',
    apply: (_, batch) => Promise.resolve(void seen.push(...batch.map(({ id }) => id))),
  });
  await waitFor(() => caughtUp('idle', seen));
  away.mockRestore();
  const watching = jest.spyOn(events, 'lastPosition');
  await waitFor(() => watching.mock.calls.length >= looks);
  watching.mockRejectedValue(new Error('away'));
  const before = seen.length;
  await connectOne();
  await waitFor(() => seen.length > before);
  watching.mockRestore();
  expect(handler.state()).toBe('runs');
  await handler.stop();
});

it('a handler that was failing when a rival took its term stands by, and its process is ready', async () => {
  const name = 'deposed';
  const part = workBoard.of('subscriptions', name);
  await connectOne();
  const apply = (): Promise<void> => Promise.reject(new Error('always'));
  const handler = follow({ name, apply }, events, 60_000);
  await waitFor(() => part.state === 'interrupted');
  await dataSource.query(
    `UPDATE runtime.leadership
        SET holder = 'rival', epoch = epoch + 1, expires_at = clock_timestamp() + interval '1 hour'
      WHERE name = $1`,
    [name],
  );
  await waitFor(() => workBoard.of('leadership', name).state === 'standing by');
  expect(part.state).toBe('standing by');
  await handler.stop();
});
