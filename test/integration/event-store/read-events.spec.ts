import { join } from 'node:path';
import { jsonEvent } from '@eventstore/db-client';
import { startEventStore } from '@app/embedded';
import type { EventBatch, Position, RecordedEvent } from '@app/event-store';
import {
  channelStream,
  EventStore,
  EventStoreUnavailable,
  readEvents,
  UnknownEventType,
} from '@app/event-store';
import { aChannelId, aContext, connected, useTestBed, waitFor } from '@app/testing';
import { TcpProxy } from '../../support/tcp-proxy';

const bed = useTestBed();

/** A store of its own, so that a test knows all that is in it. */
async function anEmptyStore(name: string) {
  const engine = await startEventStore({ dataDir: join(bed.folder, name), fsync: false });
  bed.atEnd(() => engine.stop());
  const store = new EventStore(engine.url, 5_000);
  bed.atEnd(() => store.close());
  return { engine, store };
}

/** Connects a channel, and answers its stream. */
async function connectOne(store: EventStore, meta: Record<string, string> = {}): Promise<string> {
  const start = connected({ meta });
  const stream = channelStream(start.data.channelId);
  await store.append(stream, 'no_stream', [start], aContext());
  return stream;
}

async function connectSome(store: EventStore, count: number, meta = {}): Promise<string[]> {
  const streams: string[] = [];
  while (streams.length < count) streams.push(await connectOne(store, meta));
  return streams;
}

async function appendForeign(store: EventStore, count: number): Promise<void> {
  const events = Array.from({ length: count }, () => jsonEvent({ type: 'Odd', data: {} }));
  await store.client.appendToStream('of-somebody-else', events);
}

function reading(store: EventStore, changed: Partial<Parameters<typeof readEvents>[1]> = {}) {
  const { signal } = new AbortController();
  return readEvents(store, { after: null, maxBatch: 10, silenceMs: 5_000, signal, ...changed });
}

/** @param events to which they are added, for whoever wants those before a failure */
async function all(batches: AsyncIterable<EventBatch>, events: RecordedEvent[] = []) {
  const places: Position[] = [];
  for await (const batch of batches) {
    events.push(...batch.events);
    places.push(batch.upTo);
  }
  return { streams: events.map(({ stream }) => stream), events, places };
}

describe('our events, read once', () => {
  it('are all of them in order, up to where everything ends', async () => {
    const { store } = await anEmptyStore('once');
    expect(await all(reading(store))).toMatchObject({ streams: [], places: [] });

    const streams = await connectSome(store, 12);
    await appendForeign(store, 600);
    streams.push(...(await connectSome(store, 12)));
    const toLast = await all(reading(store));
    expect(toLast.streams).toEqual(streams);
    expect(toLast.places.at(-1)).toEqual(await store.lastPosition());

    await appendForeign(store, 600);
    const toEnd = await all(reading(store));
    expect(toEnd.streams).toEqual(streams);
    expect(toEnd.places.at(-1)).toEqual(await store.endOfAll());

    // Nothing is left after it, and after any other place just the rest.
    expect(await all(reading(store, { after: toEnd.places.at(-1) }))).toMatchObject({ places: [] });
    const { position } = toEnd.events[9]!;
    expect((await all(reading(store, { after: position }))).streams).toEqual(streams.slice(10));
  });

  it('end where everything ended when it began, however much is appended meanwhile', async () => {
    const { store } = await anEmptyStore('growing');
    const streams = await connectSome(store, 5);
    const end = await store.endOfAll();
    // Others write after the end was asked for, and before it is read.
    jest.spyOn(store, 'endOfAll').mockImplementation(async () => {
      await connectSome(store, 5);
      await appendForeign(store, 5);
      return end;
    });
    const read = await all(reading(store, { maxBatch: 2 }));
    expect(read.streams).toEqual(streams);
    expect(read.places.at(-1)).toEqual(end);
  });

  it('stop at one that is not known, after all before it', async () => {
    const { store } = await anEmptyStore('unknown');
    const streams = await connectSome(store, 3);
    const event = jsonEvent({ type: 'ChannelRenamed', data: {}, metadata: { schemaVersion: 1 } });
    await store.client.appendToStream(channelStream(aChannelId()), event);
    const events: RecordedEvent[] = [];
    await expect(all(reading(store), events)).rejects.toThrow(UnknownEventType);
    expect(events.map(({ stream }) => stream)).toEqual(streams);
  });

  it('stop with the reason of the signal, and never look complete then', async () => {
    const { store } = await anEmptyStore('stopped');
    await connectSome(store, 5);
    const ending = new AbortController();
    const batches = reading(store, { maxBatch: 1, signal: ending.signal });
    await batches.next();
    ending.abort(new Error('no longer wanted'));
    await expect(batches.next()).rejects.toThrow('no longer wanted');
  });
});

describe('a read, when the link', () => {
  const large = { large: 'x'.repeat(500_000) };

  it('breaks, says that the store is away; one that begins after the last batch misses nothing', async () => {
    const { engine, store } = await anEmptyStore('killed');
    const streams = await connectSome(store, 60, large);
    const batches = reading(store, { maxBatch: 1 });
    const { value } = (await batches.next()) as { value: EventBatch };
    engine.kill();
    await expect(all(batches)).rejects.toThrow(EventStoreUnavailable);

    const again = await startEventStore({ dataDir: join(bed.folder, 'killed'), port: engine.port });
    bed.atEnd(() => again.stop());
    await waitFor(() => store.ping().then(() => true));
    const rest = await all(reading(store, { after: value.upTo }));
    expect(rest.streams).toEqual(streams.slice(1));
  });

  it('falls silent, says so in time, and connects anew the next time', async () => {
    const { engine, store } = await anEmptyStore('silent');
    const streams = await connectSome(store, 60, large);
    const proxy = await TcpProxy.before(engine.url);
    bed.atEnd(() => proxy.close());
    const behindProxy = new EventStore(proxy.url, 5_000);
    bed.atEnd(() => behindProxy.close());
    await behindProxy.ping();
    // One that begins on a machine that stands still is silent, too.
    const { batches, value } = await waitFor(async () => {
      const batches = reading(behindProxy, { maxBatch: 1, silenceMs: 1_000 });
      return { batches, ...((await batches.next()) as { value: EventBatch }) };
    });
    proxy.hang();
    await expect(all(batches)).rejects.toThrow(EventStoreUnavailable);

    proxy.heal();
    const rest = await all(reading(behindProxy, { after: value.upTo }));
    expect(rest.streams).toEqual(streams.slice(1));
  });
});

describe('the last event of ours', () => {
  it('is none in a store without any', async () => {
    const { store } = await anEmptyStore('empty');
    expect([await store.lastEvent(), await store.endOfAll()]).toEqual([null, null]);
    await appendForeign(store, 1);
    expect(await store.lastEvent()).toBeNull();
    expect(await store.endOfAll()).not.toBeNull();
  });

  it('is found behind all that others wrote after it, also when its type is not known', async () => {
    const { store } = await anEmptyStore('last');
    await connectOne(store);
    const event = jsonEvent({ type: 'ChannelRenamed', data: {}, metadata: { schemaVersion: 1 } });
    const appended = await store.client.appendToStream(channelStream(aChannelId()), event);
    await appendForeign(store, 1_000);
    const last = await store.lastEvent();
    expect(last).toMatchObject({ id: event.id, position: appended.position });
    expect(last!.recordedAt.getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(await store.lastPosition()).toEqual(appended.position);
  });
});

describe('whether a store knows an event', () => {
  it('is whether that event stands at exactly that place', async () => {
    const { store } = await anEmptyStore('known');
    const [nowhere, someId] = [{ commit: 1_000_000n, prepare: 1_000_000n }, aContext().actor];
    expect(await store.knows(nowhere, someId)).toBe(false);
    await connectSome(store, 3);
    const { events } = await all(reading(store));
    for (const { position, id } of events) {
      expect(await store.knows(position, id)).toBe(true);
      expect(await store.knows(position, someId)).toBe(false);
      const before = { commit: position.commit - 1n, prepare: position.prepare - 1n };
      expect(await store.knows(before, id)).toBe(false);
      expect(await store.knows(nowhere, id)).toBe(false);
    }
    expect(await store.knows(events[0]!.position, events[1]!.id)).toBe(false);
  });

  it('is no answer when it is away', async () => {
    const { engine, store } = await anEmptyStore('away');
    engine.kill();
    await engine.exited;
    const asked = store.knows({ commit: 1n, prepare: 1n }, 'an id');
    await expect(asked).rejects.toThrow(EventStoreUnavailable);
  });
});
