import { join } from 'node:path';
import { jsonEvent } from '@eventstore/db-client';
import { startEventStore } from '@app/embedded';
import type { RecordedEvent } from '@app/event-store';
import {
  channelStream,
  EventStore,
  hasReached,
  UnknownEventType,
  WrongExpectedRevision,
} from '@app/event-store';
import {
  aChannelId,
  aContext,
  completed,
  connected,
  disconnected,
  useTestBed,
  waitFor,
} from '@app/testing';
import { followEvents } from '../../support/follow-events';
import { TcpProxy } from '../../support/tcp-proxy';

/** Connects a channel at a store that is on its way up: an append may fail, and be done all the same. */
async function connectOneAtLast(store: EventStore): Promise<string> {
  const start = connected();
  const { channelId } = start.data;
  await waitFor(() =>
    store.append(channelStream(channelId), 'no_stream', [start], aContext()).then(
      () => true,
      (error: unknown) => error instanceof WrongExpectedRevision,
    ),
  );
  return channelId;
}

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
    const subscriber = followEvents(store);
    await waitFor(() => subscriber.seen.length >= 25);
    const after = await connectSome(store, 5);
    await waitFor(() => subscriber.seen.length >= 30);
    await subscriber.stop();
    expect(channelsOf(subscriber.seen)).toEqual([...before, ...after]);
    expect(Math.max(...subscriber.batches.map(({ size }) => size))).toBeLessThanOrEqual(10);
  });

  it('goes on after a position, and hands out neither it nor anything twice', async () => {
    const ids = await connectSome(store, 12);
    const first = followEvents(store, { maxBatch: 3 });
    await waitFor(() => channelsOf(first.seen).includes(ids[11]!));
    await first.stop();
    const middle = first.seen[first.seen.length - 6]!;
    const second = followEvents(store, { after: middle.position });
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
    const subscriber = followEvents(store);
    const types = () =>
      subscriber.seen
        .filter(({ stream: name }) => name.endsWith(channelId))
        .map(({ event }) => event.type);
    await waitFor(() => types().length === 3);
    await subscriber.stop();
    expect(types()).toEqual(['ChannelConnected', 'ChannelDisconnected', 'DisconnectionCompleted']);
  });
});

describe('a place up to which everything was handed out', () => {
  const bed = useTestBed();
  let store: EventStore;
  beforeAll(async () => {
    store = await bed.eventStore();
  });

  /** Many events in a stream that is none of ours. */
  async function appendForeign(count: number): Promise<void> {
    const events = Array.from({ length: count }, () => jsonEvent({ type: 'Odd', data: {} }));
    await store.client.appendToStream('of-somebody-else', events);
  }
  const end = async () => (await store.endOfAll())!;

  it('comes with each batch, also when only others wrote, and never runs ahead', async () => {
    const ids = await connectSome(store, 3);
    await appendForeign(3_000);
    const subscriber = followEvents(store);
    const { batches, seen } = subscriber;
    const caughtUp = await end();
    await waitFor(() => batches.length > 0 && hasReached(batches.at(-1)!.upTo, caughtUp));

    // Live, it is told now and then only: others go on until it is.
    await waitFor(async () => {
      await appendForeign(1_100);
      return batches.some(({ size, upTo }) => size === 0 && !hasReached(caughtUp, upTo));
    });
    ids.push(...(await connectSome(store, 2)));
    await waitFor(() => seen.length === 5);
    await subscriber.stop();

    expect(channelsOf(seen)).toEqual(ids);
    expect(batches.some(({ size }) => size === 0)).toBe(true);
    let handedOut = 0;
    for (const [index, { size, upTo }] of batches.entries()) {
      handedOut += size;
      if (index > 0) expect(hasReached(batches[index - 1]!.upTo, upTo)).toBe(false);
      // What was handed out is behind it, and what wasn't is ahead of it.
      const behind = seen.filter(({ position }) => hasReached(upTo, position));
      expect(behind).toHaveLength(handedOut);
    }
  });

  it('is one to go on from, although no event of ours stands there', async () => {
    await appendForeign(10);
    const first = followEvents(store);
    const place = await end();
    await waitFor(() => first.batches.length > 0 && hasReached(first.batches.at(-1)!.upTo, place));
    await first.stop();
    const second = followEvents(store, { after: first.batches.at(-1)!.upTo });
    const [id] = await connectSome(store, 1);
    await waitFor(() => second.seen.length > 0);
    await second.stop();
    expect(channelsOf(second.seen)).toEqual([id]);
  });
});

describe('a subscriber that is slow', () => {
  const bed = useTestBed({ steady: 'it is measured how much one subscription sends ahead' });

  it('leaves at the server what it does not take, and misses nothing', async () => {
    const store = await bed.eventStore();
    const proxy = await TcpProxy.before((await bed.eventStoreEngine()).url);
    bed.atEnd(() => proxy.close());
    const behindProxy = new EventStore(proxy.url, 5_000);
    bed.atEnd(() => behindProxy.close());
    const large = 'x'.repeat(900_000);
    const ids: string[] = [];
    for (let n = 0; n < 50; n++) {
      const start = connected({ meta: { large } });
      ids.push(start.data.channelId);
      await store.append(channelStream(start.data.channelId), 'no_stream', [start], aContext());
    }

    let digested = (): void => undefined;
    const digesting = new Promise<void>((resolve) => (digested = resolve));
    const slow = followEvents(behindProxy, { maxBatch: 100, digest: () => digesting });
    await waitFor(() => slow.seen.length > 0);
    // As long as somebody else needs to read it all, twice.
    for (let times = 0; times < 2; times++) {
      const quick = followEvents(store);
      await waitFor(() => quick.seen.length === 50);
      await quick.stop();
    }
    expect(proxy.answered).toBeLessThan(30 * large.length);

    digested();
    await waitFor(() => slow.seen.length === 50);
    await slow.stop();
    expect(channelsOf(slow.seen)).toEqual(ids);
  });

  it('finds the next of it here already: as much is under way as a wide window holds', async () => {
    const store = await bed.eventStore();
    const after = await store.lastPosition();
    const proxy = await TcpProxy.before((await bed.eventStoreEngine()).url);
    bed.atEnd(() => proxy.close());
    const behindProxy = new EventStore(proxy.url, 5_000);
    bed.atEnd(() => behindProxy.close());
    for (let n = 0; n < 500; n++) {
      const start = connected({ meta: { text: 'x'.repeat(1_000) } });
      await store.append(channelStream(start.data.channelId), 'no_stream', [start], aContext());
    }
    let digested = (): void => undefined;
    const digesting = new Promise<void>((resolve) => (digested = resolve));
    const slow = followEvents(behindProxy, { after, maxBatch: 10, digest: () => digesting });
    await waitFor(() => proxy.answered > 400_000);
    expect(slow.seen.length).toBeLessThan(50);
    digested();
    await waitFor(() => slow.seen.length === 500);
    await slow.stop();
  });
});

describe('a subscription, when the store goes away', () => {
  const bed = useTestBed();

  it('resumes after the last event that it handed out: none lost, none twice', async () => {
    const dataDir = join(bed.folder, 'killed');
    const strict = bed.strictness;
    let engine = await startEventStore({ dataDir, strict });
    bed.atEnd(() => engine.stop());
    const { port, url } = engine;
    const store = new EventStore(url, 5_000);
    bed.atEnd(() => store.close());
    const ids = await connectSome(store, 5);
    const subscriber = followEvents(store);
    await waitFor(() => subscriber.seen.length === 5);

    for (let kills = 1; kills <= 2; kills++) {
      engine.kill();
      await engine.exited;
      await waitFor(() => subscriber.drops.length >= kills);
      engine = await startEventStore({ dataDir, port, strict });
      ids.push(await connectOneAtLast(store), ...(await connectSome(store, 4)));
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
    const { seen, running } = followEvents(store);
    await expect(running).rejects.toThrow(UnknownEventType);
    await expect(running).rejects.toThrow(`ChannelRenamed v1 in ${unknown}`);
    expect(channelsOf(seen)).toEqual([before.data.channelId]);
  });

  it('ends at once when it is stopped while the store is away', async () => {
    const engine = await startEventStore({
      dataDir: join(bed.folder, 'stopped'),
      strict: bed.strictness,
    });
    const store = new EventStore(engine.url, 5_000);
    bed.atEnd(() => store.close());
    const subscriber = followEvents(store);
    await connectSome(store, 1);
    await waitFor(() => subscriber.seen.length === 1);
    engine.kill();
    await waitFor(() => subscriber.drops.length >= 2);
    await subscriber.stop();
  });
});
