import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  END,
  eventTypeFilter,
  jsonEvent,
  START,
  streamNameFilter,
  type AllStreamSubscription,
  type Filter,
  type Position,
  type ReadRevision,
  type StreamSubscription,
} from '@eventstore/db-client';
import { collect, counted, numberOf, startServer, type ServerUnderTest } from './running-server';

let server: ServerUnderTest;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.remove());

/** What a subscriber was told, in order: `n` for an event, or a word. */
type Told = number | 'confirmed' | 'caughtUp' | `checkpoint ${bigint}`;

/** Listens until something was told that `isLast` accepts, then leaves. */
async function listen(
  subscription: AllStreamSubscription | StreamSubscription,
  told: Told[],
  isLast: (last: Told) => boolean,
): Promise<Told[]> {
  const done = new Promise<void>((resolve, reject) => {
    const tell = (what: Told): void => {
      told.push(what);
      if (isLast(what)) resolve();
    };
    subscription
      .on('confirmation', () => tell('confirmed'))
      .on('caughtUp', () => tell('caughtUp'))
      .on('data', (event) => tell(numberOf(event)))
      .on('error', reject);
  });
  await done;
  await subscription.unsubscribe();
  return told;
}

const untilCaughtUp = (last: Told): boolean => last === 'caughtUp';
const untilNumber =
  (n: number) =>
  (last: Told): boolean =>
    last === n;

describe('a subscription to a stream', () => {
  it('gets what is there, then caughtUp, then what comes', async () => {
    const { client } = server;
    await client.appendToStream('one', counted(3));
    const subscription = client.subscribeToStream('one');
    subscription.on('caughtUp', () => {
      void client.appendToStream('other', counted(1, 50));
      void client.appendToStream('one', counted(2, 3));
    });
    expect(await listen(subscription, [], untilNumber(4))).toEqual([
      'confirmed',
      ...[0, 1, 2],
      'caughtUp',
      ...[3, 4],
    ]);
  });

  it.each<[ReadRevision, number[]]>([
    [0n, [1, 2]],
    [1n, [2]],
    [2n, []],
    [START, [0, 1, 2]],
    [END, []],
  ])('from %s begins after it', async (fromRevision, expected) => {
    await server.client.appendToStream('one', counted(3));
    const subscription = server.client.subscribeToStream('one', { fromRevision });
    expect(await listen(subscription, [], untilCaughtUp)).toEqual([
      'confirmed',
      ...expected,
      'caughtUp',
    ]);
  });

  it.each<ReadRevision>([START, END])(
    'from its %s waits for a stream that does not exist yet',
    async (from) => {
      const subscription = server.client.subscribeToStream('later', { fromRevision: from });
      subscription.on('caughtUp', () => void server.client.appendToStream('later', counted(1)));
      const told = await listen(subscription, [], untilNumber(0));
      expect(told).toEqual(['confirmed', 'caughtUp', 0]);
    },
  );
});

describe('a subscription to all', () => {
  const appendMany = async (streams: number, each: number): Promise<void> => {
    for (let stream = 0; stream < streams; stream += 1) {
      await server.client.appendToStream(`s-${stream}`, counted(each, stream * each));
    }
  };
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

  it('gets everything in order, across pages and the change to live', async () => {
    await appendMany(3, 200);
    const subscription = server.client.subscribeToAll();
    subscription.once('caughtUp', () => void server.client.appendToStream('x', counted(1, 600)));
    expect(await listen(subscription, [], untilNumber(600))).toEqual([
      'confirmed',
      ...upTo(600),
      'caughtUp',
      600,
    ]);
  });

  it('begins after the position it names', async () => {
    await appendMany(1, 5);
    const [, , third] = await collect(server.client.readAll());
    const fromPosition = third!.event!.position;
    const told = await listen(server.client.subscribeToAll({ fromPosition }), [], untilCaughtUp);
    expect(told).toEqual(['confirmed', 3, 4, 'caughtUp']);
  });

  it('from the end gets only what comes', async () => {
    await appendMany(1, 5);
    const subscription = server.client.subscribeToAll({ fromPosition: END });
    subscription.on('caughtUp', () => void server.client.appendToStream('x', counted(1, 5)));
    expect(await listen(subscription, [], untilNumber(5))).toEqual(['confirmed', 'caughtUp', 5]);
  });

  it('loses and repeats nothing while others append', async () => {
    const writing = (async () => {
      for (let n = 0; n < 300; n += 1) await server.client.appendToStream('w', counted(2, n * 2));
    })();
    const told = await listen(server.client.subscribeToAll(), [], untilNumber(599));
    await writing;
    expect(told.filter((what) => typeof what === 'number')).toEqual(upTo(600));
  });

  it('keeps the place of a reader that pauses, and tells it when it has caught up again', async () => {
    const { client } = server;
    const subscription = client.subscribeToAll();
    await once(subscription, 'caughtUp');
    subscription.pause();
    const padding = 'x'.repeat(1_000);
    for (let batch = 0; batch < 10; batch += 1) {
      const events = counted(200, batch * 200).map((event) =>
        jsonEvent({ type: 'Counted', data: { ...event.data, padding } }),
      );
      await client.appendToStream('w', events);
    }
    const told = listen(subscription, [], untilCaughtUp);
    subscription.resume();
    expect(await told).toEqual([...upTo(2_000), 'caughtUp']);
  });
});

describe('a filtered subscription', () => {
  /** Positions of all events, to tell which one a checkpoint stands for. */
  const positions = async (): Promise<bigint[]> =>
    (await collect(server.client.readAll())).map(({ event }) => event!.position.commit);

  async function subscribe(
    makeFilter: (options: {
      checkpointReached: (_: unknown, at: Position) => Promise<void>;
    }) => Filter,
    isLast: (last: Told) => boolean,
    onCaughtUp: () => void = () => {},
  ): Promise<Told[]> {
    const told: Told[] = [];
    const filter = makeFilter({
      checkpointReached: async (_, { commit }) => void told.push(`checkpoint ${commit}`),
    });
    const subscription = server.client.subscribeToAll({ filter });
    subscription.once('caughtUp', onCaughtUp);
    return listen(subscription, told, isLast);
  }

  it.each<[string, () => Filter]>([
    ['stream prefixes', () => streamNameFilter({ prefixes: ['a-', 'b-'] })],
    ['a stream expression', () => streamNameFilter({ regex: '^[ab]-' })],
    ['type prefixes', () => eventTypeFilter({ prefixes: ['A', 'B'] })],
    ['a type expression', () => eventTypeFilter({ regex: '^[AB]$' })],
  ])('by %s gets what matches, of the past and of the future', async (_name, filter) => {
    const append = (name: string, n: number): Promise<unknown> =>
      server.client.appendToStream(
        `${name}-1`,
        jsonEvent({ type: name.toUpperCase(), data: { n } }),
      );
    for (const [n, name] of ['a', 'c', 'b', 'ca'].entries()) await append(name, n);
    const subscription = server.client.subscribeToAll({ filter: filter() });
    subscription.on('caughtUp', () => void append('c', 4).then(() => append('b', 5)));
    const told = await listen(subscription, [], untilNumber(5));
    expect(told).toEqual(['confirmed', 0, 2, 'caughtUp', 5]);
  });

  it('gets a checkpoint after every 32 considered events, and one before caughtUp', async () => {
    await server.client.appendToStream('passed-over', counted(70));
    await server.client.appendToStream('wanted', counted(1, 70));
    const at = await positions();
    const told = await subscribe(
      (options) => streamNameFilter({ prefixes: ['wanted'], ...options }),
      untilCaughtUp,
    );
    expect(told).toEqual([
      'confirmed',
      `checkpoint ${at[31]}`,
      `checkpoint ${at[63]}`,
      70,
      `checkpoint ${at[70]}`,
      'caughtUp',
    ]);
  });

  it('takes the multiplier and the search window into account', async () => {
    await server.client.appendToStream('passed-over', counted(50));
    const at = await positions();
    const told = await subscribe(
      (options) =>
        streamNameFilter({
          prefixes: ['wanted'],
          checkpointInterval: 2,
          maxSearchWindow: 10,
          ...options,
        }),
      untilCaughtUp,
    );
    expect(told).toEqual([
      'confirmed',
      ...[19, 39, 49].map((index): Told => `checkpoint ${at[index]!}`),
      'caughtUp',
    ]);
  });

  it('counts anew once it is live', async () => {
    await server.client.appendToStream('passed-over', counted(20));
    const told = await subscribe(
      (options) => streamNameFilter({ prefixes: ['wanted'], ...options }),
      untilNumber(1_000),
      () => {
        void (async () => {
          for (let n = 0; n < 32; n += 1) {
            await server.client.appendToStream('passed-over', counted(1, n));
          }
          await server.client.appendToStream('wanted', counted(1, 1_000));
        })();
      },
    );
    const at = await positions();
    expect(told).toEqual([
      'confirmed',
      `checkpoint ${at[19]}`,
      'caughtUp',
      `checkpoint ${at[51]}`,
      1_000,
    ]);
  });

  it('resumes from a checkpoint without loss or repetition', async () => {
    await server.client.appendToStream('wanted-1', counted(40));
    const checkpoints: Position[] = [];
    const firstFilter = streamNameFilter({
      prefixes: ['wanted'],
      checkpointReached: async (_, position) => void checkpoints.push(position),
    });
    const first = server.client.subscribeToAll({ filter: firstFilter });
    await listen(first, [], untilCaughtUp);
    const filter = streamNameFilter({ prefixes: ['wanted'] });
    const fromPosition = checkpoints[0]!;
    const told = await listen(
      server.client.subscribeToAll({ filter, fromPosition }),
      [],
      untilCaughtUp,
    );
    expect(told).toEqual(['confirmed', ...[32, 33, 34, 35, 36, 37, 38, 39], 'caughtUp']);
  });

  it('ends with an error when its expression makes no sense', async () => {
    const subscription = server.client.subscribeToAll({ filter: eventTypeFilter({ regex: '(' }) });
    const [error] = (await once(subscription, 'error')) as [Error];
    expect(error.message).toMatch(/can't be compiled/);
  });
});

describe('a subscription when the server stops', () => {
  it('ends with an error that says so', async () => {
    const subscription = server.client.subscribeToStream(randomUUID());
    await once(subscription, 'caughtUp');
    const failed = once(subscription, 'error');
    await server.engine.stop();
    const [error] = (await failed) as [Error & { type: string }];
    expect(error.type).toBe('cancelled');
  });
});
