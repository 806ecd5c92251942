import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  END,
  jsonEvent,
  streamNameFilter,
  type AllStreamSubscription,
  type Position,
  type SubscribeToAllOptions,
} from '@eventstore/db-client';
import { embeddedOnly, rule } from './harness/rule';
import { collect, counted, ownServerForEachTest, serverOfThisFile } from './harness/server';
import { listen, numbersOf, untilCaughtUp, untilNumber } from './harness/told';

/**
 * Where others append too, a subscriber to all tells its own events by the stream's name: most of
 * what is shown here is shown with such a filter, and once without, on a server that is ours alone.
 */
const server = serverOfThisFile();

let prefix: string;
/** Just before what a test appends. */
let start: Position;
beforeEach(async () => {
  prefix = `to-all-${randomUUID()}`;
  const { position } = await server.client.appendToStream(`${prefix}-start`, counted(1, -1));
  start = position!;
});

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

const append = (count: number, first = 0, stream = 's'): Promise<unknown> =>
  server.client.appendToStream(`${prefix}-${stream}`, counted(count, first));

const subscribe = (options: SubscribeToAllOptions = {}): AllStreamSubscription => {
  const filter = streamNameFilter({ prefixes: [prefix] });
  return server.client.subscribeToAll({ fromPosition: start, filter, ...options });
};

describe(rule('subscribe/order'), () => {
  it('across pages and the change to live', async () => {
    for (const n of [0, 1, 2]) await append(200, n * 200, `${n}`);
    const subscription = subscribe();
    subscription.once('caughtUp', () => void append(1, 600, 'x'));
    expect(await listen(subscription, untilNumber(600))).toEqual([
      'confirmed',
      ...upTo(600),
      'caughtUp',
      600,
    ]);
  });

  it('loses and repeats nothing while others append', async () => {
    const writing = (async () => {
      for (let n = 0; n < 100; n += 1) await append(2, n * 2);
    })();
    const told = await listen(subscribe(), untilNumber(199));
    await writing;
    expect(numbersOf(told)).toEqual(upTo(200));
  });
});

describe(rule('subscribe/after'), () => {
  it('also in all', async () => {
    await append(5);
    const read = await collect(server.client.readAll({ fromPosition: start }));
    const own = read.filter(({ event }) => event?.streamId.startsWith(prefix));
    const fromPosition = own[3]!.event!.position;
    const told = await listen(subscribe({ fromPosition }), untilCaughtUp);
    expect(told).toEqual(['confirmed', 3, 4, 'caughtUp']);
  });

  it('from the end gets only what comes', async () => {
    await append(5);
    const subscription = subscribe({ fromPosition: END });
    subscription.on('caughtUp', () => void append(1, 5));
    expect(await listen(subscription, untilNumber(5))).toEqual(['confirmed', 'caughtUp', 5]);
  });
});

describe(rule('caught-up/each-time'), () => {
  it('also to a reader that has paused, once it is there again', async () => {
    const subscription = subscribe();
    await once(subscription, 'caughtUp');
    subscription.pause();
    const padding = 'x'.repeat(1_000);
    for (let batch = 0; batch < 10; batch += 1) {
      const events = counted(200, batch * 200).map((event) =>
        jsonEvent({ type: 'Counted', data: { ...event.data, padding } }),
      );
      await server.client.appendToStream(`${prefix}-w`, events);
    }
    const told = listen(subscription, untilCaughtUp);
    subscription.resume();
    expect(await told).toEqual([...upTo(2_000), 'caughtUp']);
  });
});

embeddedOnly('without a filter', () => {
  const own = ownServerForEachTest();

  describe(rule('subscribe/order'), () => {
    it('gets everything that there is', async () => {
      for (const n of [0, 1, 2]) await own.client.appendToStream(`s-${n}`, counted(200, n * 200));
      const subscription = own.client.subscribeToAll();
      subscription.once('caughtUp', () => void own.client.appendToStream('x', counted(1, 600)));
      expect(await listen(subscription, untilNumber(600))).toEqual([
        'confirmed',
        ...upTo(600),
        'caughtUp',
        600,
      ]);
    });
  });
});
