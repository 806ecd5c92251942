import { join } from 'node:path';
import { jsonEvent } from '@eventstore/db-client';
import { startEventStore } from '@app/embedded';
import type { RecordedEvent } from '@app/event-store';
import { channelStream, EventStore, subscribeToEvents, UnknownEventType } from '@app/event-store';
import {
  aChannelId,
  aContext,
  completed,
  connected,
  disconnected,
  useTestBed,
  waitFor,
} from '@app/testing';

/** Connects this many channels, one after the other. */
async function connectSome(store: EventStore, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    const start = connected();
    await store.append(channelStream(start.data.channelId), 'no_stream', [start], aContext());
    ids.push(start.data.channelId);
  }
  return ids;
}

/** A subscriber that collects all it gets, until it is stopped. */
function follow(store: EventStore, after: RecordedEvent['position'] | null = null, maxBatch = 10) {
  const ending = new AbortController();
  const seen: RecordedEvent[] = [];
  const sizes: number[] = [];
  const drops: unknown[] = [];
  const running = (async () => {
    const options = {
      after,
      maxBatch,
      retryCapMs: 50,
      signal: ending.signal,
      onDrop: (reason: unknown) => drops.push(reason),
    };
    for await (const batch of subscribeToEvents(store, options)) {
      seen.push(...batch);
      sizes.push(batch.length);
    }
  })();
  const stop = async (): Promise<void> => {
    ending.abort();
    await running;
  };
  return { seen, sizes, drops, running, stop };
}

const channelsOf = (seen: readonly RecordedEvent[]): string[] =>
  seen.map(({ stream }) => stream.replace('channel-', ''));

describe('a subscription to our events', () => {
  const bed = useTestBed();
  let store: EventStore;
  beforeAll(async () => {
    store = await bed.eventStore();
  });

  it('hands out what is there and what comes, in order, in batches, and nothing of others', async () => {
    await store.client.appendToStream('of-somebody-else', jsonEvent({ type: 'Odd', data: {} }));
    const before = await connectSome(store, 25);
    const subscriber = follow(store);
    await waitFor(() => subscriber.seen.length >= 25);
    const after = await connectSome(store, 5);
    await waitFor(() => subscriber.seen.length >= 30);
    await subscriber.stop();
    expect(channelsOf(subscriber.seen)).toEqual([...before, ...after]);
    expect(Math.max(...subscriber.sizes)).toBeLessThanOrEqual(10);
  });

  it('goes on after a position, and hands out neither it nor anything twice', async () => {
    const ids = await connectSome(store, 12);
    const first = follow(store, null, 3);
    await waitFor(() => channelsOf(first.seen).includes(ids[11]!));
    await first.stop();
    const middle = first.seen[first.seen.length - 6]!;
    const second = follow(store, middle.position);
    await waitFor(() => second.seen.length >= 5);
    await second.stop();
    expect(channelsOf(second.seen)).toEqual(ids.slice(7));
  });

  it('hands out both kinds of streams', async () => {
    const start = connected();
    const { channelId } = start.data;
    const stream = channelStream(channelId);
    await store.append(stream, 'no_stream', [start, disconnected(start)], aContext());
    await store.append(`disconnection-${channelId}`, 'no_stream', [completed(channelId)], {
      ...aContext(),
    });
    const subscriber = follow(store);
    const types = () =>
      subscriber.seen
        .filter(({ stream: name }) => name.endsWith(channelId))
        .map(({ event }) => event.type);
    await waitFor(() => types().length === 3);
    await subscriber.stop();
    expect(types()).toEqual(['ChannelConnected', 'ChannelDisconnected', 'DisconnectionCompleted']);
  });
});

describe('a subscription, when the store goes away', () => {
  const bed = useTestBed();

  it('resumes after the last event that it handed out: none lost, none twice', async () => {
    const dataDir = join(bed.folder, 'killed');
    let engine = await startEventStore({ dataDir });
    bed.atEnd(() => engine.stop());
    const { port, url } = engine;
    const store = new EventStore(url, 5_000);
    bed.atEnd(() => store.close());
    const ids = await connectSome(store, 5);
    const subscriber = follow(store);
    await waitFor(() => subscriber.seen.length === 5);

    for (let kills = 1; kills <= 2; kills++) {
      engine.kill();
      await engine.exited;
      await waitFor(() => subscriber.drops.length >= kills);
      engine = await startEventStore({ dataDir, port });
      ids.push(...(await waitFor(() => connectSome(store, 5))));
      await waitFor(() => subscriber.seen.length >= ids.length);
    }
    await subscriber.stop();
    expect(channelsOf(subscriber.seen)).toEqual(ids);
  });

  it('stops rather than skip a type that it does not know, and names it', async () => {
    const store = await bed.eventStore();
    const [before, unknown] = [connected(), channelStream(aChannelId())];
    const stream = channelStream(before.data.channelId);
    await store.append(stream, 'no_stream', [before], aContext());
    const event = jsonEvent({ type: 'ChannelRenamed', data: {}, metadata: { schemaVersion: 1 } });
    await store.client.appendToStream(unknown, event);
    const { seen, running } = follow(store, null, 1);
    await expect(running).rejects.toThrow(UnknownEventType);
    await expect(running).rejects.toThrow(`ChannelRenamed v1 in ${unknown}`);
    expect(channelsOf(seen)).toEqual([before.data.channelId]);
  });

  it('ends at once when it is stopped while the store is away', async () => {
    const engine = await startEventStore({ dataDir: join(bed.folder, 'stopped') });
    const store = new EventStore(engine.url, 5_000);
    bed.atEnd(() => store.close());
    const subscriber = follow(store);
    await connectSome(store, 1);
    await waitFor(() => subscriber.seen.length === 1);
    engine.kill();
    await waitFor(() => subscriber.drops.length >= 2);
    await subscriber.stop();
  });
});
