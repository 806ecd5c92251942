import { channelStream, EventStore } from '@app/event-store';
import { aContext, connected, useTestBed, waitFor } from '@app/testing';
import { followEvents } from '../../support/follow-events';
import { TcpProxy } from '../../support/tcp-proxy';

/** By then a subscriber knows of a dead link: pings every 10 s, answered within 10 s. */
const noticedWithinMs = 25_000;

/** At the same time: each of them waits for the pings. */
const links: readonly [
  what: string,
  cut: (proxy: TcpProxy) => void,
  mend: (proxy: TcpProxy) => void,
][] = [
  ['swallows everything', (proxy) => proxy.hang(), (proxy) => proxy.heal()],
  ['is too slow', (proxy) => proxy.hold(), (proxy) => proxy.release()],
];

describe('A link to the event store that closes nothing, and', () => {
  // A strict store drops subscriptions by itself: after such a drop nobody would wait for the pings.
  const bed = useTestBed({ steady: 'what is dropped here is dropped because of the link' });
  let events: EventStore;
  /** Subscribes over a link that is dead from the beginning; that takes 10 s to be noticed. */
  let unconfirmed: ReturnType<typeof followEvents>;
  beforeAll(async () => {
    events = await bed.eventStore();
    const { proxy, store } = await behindProxy();
    proxy.hang();
    unconfirmed = followEvents(store, { onDrop: () => proxy.heal() });
  });

  async function connectOne(): Promise<string> {
    const start = connected();
    const stream = channelStream(start.data.channelId);
    await events.append(stream, 'no_stream', [start], aContext());
    return stream;
  }

  async function behindProxy() {
    const proxy = await TcpProxy.before((await bed.eventStoreEngine()).url);
    bed.atEnd(() => proxy.close());
    const store = new EventStore(proxy.url, 5_000);
    bed.atEnd(() => store.close());
    return { proxy, store };
  }

  it(`${links.map(([what]) => what).join(', or ')}: a subscriber notices within 25 s, and resumes`, async () => {
    const before = await connectOne();
    const subscribers = await Promise.all(
      links.map(async ([, cut, mend]) => {
        const { proxy, store } = await behindProxy();
        const onDrop = (): void => mend(proxy);
        return { cut: () => cut(proxy), ...followEvents(store, { onDrop }) };
      }),
    );
    await waitFor(() => subscribers.every(({ seen }) => seen.length === 1));

    for (const { cut } of subscribers) cut();
    const meanwhile = await connectOne();
    const options = { withinMs: noticedWithinMs, what: 'a drop of each subscription' };
    await waitFor(() => subscribers.every(({ drops }) => drops.length > 0), options);
    await waitFor(() => subscribers.every(({ seen }) => seen.length > 1));
    for (const { seen, stop } of subscribers) {
      await stop();
      expect(seen.map(({ stream }) => stream)).toEqual([before, meanwhile]);
    }
  });

  it('never lets a subscription come about: it is tried again, over a connection of its own', async () => {
    const { drops, seen, stop } = unconfirmed;
    await waitFor(() => seen.length > 0, { withinMs: noticedWithinMs });
    expect(drops.length).toBeGreaterThan(0);
    await stop();
  });
});
