import { randomUUID } from 'node:crypto';
import type { ResolvedEvent } from '@eventstore/db-client';
import { binaryEvent, jsonEvent, START, streamNameFilter } from '@eventstore/db-client';
import type { ChannelConnected, DomainEvent } from '@app/domain';
import type { EventStore, RecordedEvent } from '@app/event-store';
import {
  channelStream,
  decodeEvent,
  disconnectionStream,
  isOurs,
  readEvents,
} from '@app/event-store';
import { aContext, completed, connected, finished, useTestBed, waitFor } from '@app/testing';
import { followEvents } from '../../support/follow-events';
import { randomLife } from '../../support/random-lives';

/** Of the lives; another one is another test. */
const seed = process.env.TEST_SEED ?? randomUUID();
const lives = 120;
/** With its metadata nearly the most that one append may have: 1 MiB. */
const largest = 'ö漢🙂'.repeat(116_000);

/**
 * Two programs read one log: ours, and the official client's own code. What they hand out has to be
 * the same to the last field.
 */
describe(`the reader of our own and the official client, lives of seed ${seed}`, () => {
  const bed = useTestBed({
    steady: 'the official client is beside it, which does not go on after a drop',
  });
  let store: EventStore;
  let official: RecordedEvent[];

  beforeAll(async () => {
    store = await bed.eventStore();
    for (let n = 0; n < lives; n++) {
      await live(randomLife(`${seed} ${n}`));
      if (n % 7 === 0) await appendForeign(n);
    }
    await live([connected({ meta: { largest } })]);
    await live([
      connected({ handle: '@"ü\\\u0000\u2028\ud83d\ude42"', displayName: '', scopes: [] }),
    ]);
    await appendForeign(lives);
    official = await readAllOfficially();
    expect(official.length).toBeGreaterThan(2 * lives);
  });

  /** A channel's stream, in several appends, and the stream of its end. */
  async function live([start, ...later]: [ChannelConnected, ...DomainEvent[]]): Promise<void> {
    const { channelId } = start.data;
    const stream = channelStream(channelId);
    await store.append(stream, 'no_stream', [start], aContext());
    if (later.length > 0) await store.append(stream, 0, later, { ...aContext(), actor: 'ü 🙂' });
    if (later.at(-1)?.type !== 'ChannelDisconnected') return;
    const end = [finished(channelId, 'token-wipe'), completed(channelId)];
    await store.append(disconnectionStream(channelId), 'no_stream', end, aContext());
  }

  /** What others write, some of it in streams that are called nearly as ours. */
  async function appendForeign(n: number): Promise<void> {
    for (const stream of [
      `of-others-${n}`,
      'channel',
      'Channel-1',
      'my-channel-1',
      'disconnections',
    ]) {
      await store.client.appendToStream(stream, [
        jsonEvent({ type: 'ChannelConnected', data: { n }, metadata: { schemaVersion: 1 } }),
        binaryEvent({ type: 'Odd', data: Buffer.from([0, 255, n]) }),
      ]);
    }
  }

  async function readAllOfficially(): Promise<RecordedEvent[]> {
    const events: ResolvedEvent[] = [];
    for await (const resolved of store.client.readAll()) events.push(resolved);
    return events.filter(({ event }) => isOurs(event!.streamId)).map(decodeEvent);
  }

  it.each([1, 7, 1_000])('read once, in batches of %d', async (maxBatch) => {
    const read: RecordedEvent[] = [];
    const { signal } = new AbortController();
    const options = { after: null, maxBatch, silenceMs: 10_000, signal };
    for await (const { events } of readEvents(store, options)) read.push(...events);
    expect(read).toEqual(official);
  });

  it('subscribe', async () => {
    const subscriber = followEvents(store, { maxBatch: 50 });
    await waitFor(() => subscriber.seen.length >= official.length);
    await subscriber.stop();
    expect(subscriber.seen).toEqual(official);

    const filter = streamNameFilter({ prefixes: ['channel-', 'disconnection-'] });
    const subscription = store.client.subscribeToAll({ fromPosition: START, filter });
    const subscribed: RecordedEvent[] = [];
    for await (const resolved of subscription) {
      if (subscribed.push(decodeEvent(resolved)) === official.length) break;
    }
    expect(subscriber.seen).toEqual(subscribed);
  });

  it('go on from any place to the same rest', async () => {
    for (const index of [0, 1, Math.floor(official.length / 2), official.length - 2]) {
      const { signal } = new AbortController();
      const after = official[index]!.position;
      const read: RecordedEvent[] = [];
      const options = { after, maxBatch: 100, silenceMs: 10_000, signal };
      for await (const { events } of readEvents(store, options)) read.push(...events);
      expect(read).toEqual(official.slice(index + 1));
    }
  });
});
