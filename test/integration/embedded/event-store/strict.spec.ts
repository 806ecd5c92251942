import {
  ANY,
  NO_STREAM,
  START,
  STREAM_EXISTS,
  streamNameFilter,
  type AppendExpectedRevision,
  type Position,
  type RecordedEvent,
} from '@eventstore/db-client';
import { collect, counted, numberOf, startServer, type ServerUnderTest } from './running-server';

/** Events there, more than a page has. */
const there = 300;
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

async function startStrict(seed: string, logged: string[] = []): Promise<ServerUnderTest> {
  const server = await startServer({ strict: { seed }, onLog: (line) => logged.push(line) });
  await server.client.appendToStream('one', counted(there));
  return server;
}

/** How a subscription went. */
interface Life {
  /** What it was told last. */
  readonly last: 'nothing' | 'confirmation' | 'event' | 'checkpoint' | 'caughtUp';
  readonly numbers: readonly number[];
  readonly caughtUps: number;
  readonly fellBehinds: number;
  readonly end: 'a return' | 'unavailable' | 'cancelled' | 'left alive';
}

interface Listener {
  readonly from?: Position | typeof START;
  readonly onEvent?: (event: RecordedEvent) => void;
  readonly onCaughtUp?: () => void;
  readonly onCheckpoint?: (place: Position) => void;
}

/** Subscribes, and leaves once nothing more is to come. */
async function live({ client }: ServerUnderTest, listener: Listener = {}): Promise<Life> {
  let last: Life['last'] = 'nothing';
  let caughtUps = 0;
  let fellBehinds = 0;
  const numbers: number[] = [];
  const checkpointReached = async (_: unknown, place: Position): Promise<void> => {
    last = 'checkpoint';
    listener.onCheckpoint?.(place);
  };
  const filter = streamNameFilter({ prefixes: ['one'], checkpointReached });
  const subscription = client.subscribeToAll({ filter, fromPosition: listener.from ?? START });
  const ended = new Promise<Life['end']>((resolve) => {
    // A cut that is on its way already is here before a read's answer, or is why there is none.
    const afterRead = (): void =>
      void collect(client.readAll()).then(
        () => resolve('left alive'),
        () => undefined,
      );
    subscription
      .on('confirmation', () => (last = 'confirmation'))
      .on('data', (resolved) => {
        last = 'event';
        numbers.push(numberOf(resolved));
        listener.onEvent?.(resolved.event!);
      })
      .on('caughtUp', () => {
        last = 'caughtUp';
        caughtUps += 1;
        listener.onCaughtUp?.();
        if (caughtUps === 1) afterRead();
      })
      .on('fellBehind', () => (fellBehinds += 1))
      .on('end', () => resolve('a return'))
      .on('error', (error) => resolve((error as Error & { type: Life['end'] }).type));
  });
  const end = await ended;
  await subscription.unsubscribe();
  return { last, numbers, caughtUps, fellBehinds, end };
}

async function lives(server: ServerUnderTest, count: number): Promise<Life[]> {
  const all: Life[] = [];
  for (let n = 0; n < count; n += 1) all.push(await live(server));
  return all;
}

describe('subscriptions of a strict event store', () => {
  const logged: string[] = [];
  let server: ServerUnderTest;
  let seen: Life[];
  beforeAll(async () => {
    server = await startStrict('a seed', logged);
    seen = await lives(server, 60);
  });
  afterAll(() => server.remove());

  it('are told caughtUp twice, and fellBehind between', () => {
    const uncut = seen.filter(({ end }) => end === 'left alive');
    expect(uncut.length).toBeGreaterThan(10);
    expect(uncut).toEqual(
      uncut.map(() => ({
        last: 'caughtUp',
        numbers: upTo(there),
        caughtUps: 2,
        fellBehinds: 1,
        end: 'left alive',
      })),
    );
  });

  const cut = (): Life[] => seen.filter(({ end }) => end !== 'left alive');

  it.each<Life['last']>(['confirmation', 'event', 'checkpoint', 'caughtUp'])(
    'are cut after: %s',
    (place) => {
      expect(cut().map(({ last }) => last)).toContain(place);
    },
  );

  it('are cut after few events and after many, in the middle of a page too', () => {
    const events = cut()
      .filter(({ last }) => last === 'event')
      .map(({ numbers }) => numbers.length);
    expect(Math.min(...events)).toBeLessThan(10);
    expect(Math.max(...events)).toBeGreaterThan(50);
  });

  it.each<Life['end']>(['a return', 'unavailable', 'cancelled'])('end with: %s', (end) => {
    expect(cut().map((life) => life.end)).toContain(end);
  });

  it('are cut at the same places in a store of the same seed, which it says on its start', async () => {
    const seed = /strict, which --strict (.*) repeats$/.exec(logged[0]!)![1]!;
    const [same, other] = [await startStrict(seed), await startStrict('another seed')];
    expect(await lives(same, 20)).toEqual(seen.slice(0, 20));
    expect(await lives(other, 20)).not.toEqual(seen.slice(0, 20));
    await Promise.all([same.remove(), other.remove()]);
  });

  it('bring whoever goes on from where it was to the end, with nothing lost or repeated', async () => {
    const told: number[] = [];
    let from: Position | undefined;
    const onEvent = (event: RecordedEvent): void => void (from = event.position);
    let tries = 0;
    for (; told.length < there; tries += 1) {
      told.push(...(await live(server, { from, onEvent })).numbers);
    }
    expect(told).toEqual(upTo(there));
    expect(tries).toBeLessThan(20);
  });

  it('are the only ones that are cut: reads are whole', async () => {
    for (let n = 0; n < 20; n += 1) {
      expect((await collect(server.client.readStream('one'))).map(numberOf)).toEqual(upTo(there));
    }
  });
});

describe.each<[AppendExpectedRevision]>([[ANY], [STREAM_EXISTS]])(
  'appending again with %s',
  (expectedRevision) => {
    let server: ServerUnderTest;
    beforeAll(async () => {
      server = await startStrict('a seed');
    });
    afterAll(() => server.remove());

    it('does it again, in a strict event store', async () => {
      const events = counted(2, there);
      await server.client.appendToStream('one', events, { expectedRevision });
      await server.client.appendToStream('one', events, { expectedRevision });
      const numbers = (await collect(server.client.readStream('one'))).map(numberOf);
      expect(numbers.slice(there)).toEqual([there, there + 1, there, there + 1]);
    });

    it('is known by an explicit revision all the same', async () => {
      const stream = `again-${String(expectedRevision)}`;
      const events = counted(2);
      const first = await server.client.appendToStream(stream, events, {
        expectedRevision: NO_STREAM,
      });
      expect(
        await server.client.appendToStream(stream, events, { expectedRevision: NO_STREAM }),
      ).toEqual(first);
    });
  },
);

describe('a checkpoint of a strict event store', () => {
  let server: ServerUnderTest;
  beforeAll(async () => {
    server = await startStrict('places');
  });
  afterAll(() => server.remove());

  /** Subscribes until a subscription lives. */
  async function liveToTheEnd(listener: Listener): Promise<Life> {
    for (;;) {
      const life = await live(server, listener);
      if (life.end === 'left alive') return life;
    }
  }

  it('stands before the next event by one of its halves only, and loses none', async () => {
    let place: Position | undefined;
    await liveToTheEnd({ onCheckpoint: (reached) => void (place = reached) });
    const { position } = await server.client.appendToStream('one', counted(1, there));
    expect(place?.commit).toBe(position?.commit);
    expect((await liveToTheEnd({ from: place })).numbers).toEqual([there]);
  });
});

describe('code that leans on luck', () => {
  let server: ServerUnderTest;
  beforeAll(async () => {
    server = await startStrict('naive');
  });
  afterAll(() => server.remove());

  it('takes a return for the end of everything, and misses events', async () => {
    // Whom the first cut spares, the next one meets.
    const returned = (await lives(server, 10)).filter(({ end }) => end === 'a return');
    const got = returned.map(({ numbers }) => numbers.length);
    expect(Math.min(...got)).toBeLessThan(there);
  });

  it('begins its work at caughtUp, and so begins it twice', async () => {
    let begun = 0;
    for (let end: Life['end'] | undefined; end !== 'left alive';) {
      begun = 0;
      ({ end } = await live(server, { onCaughtUp: () => void (begun += 1) }));
    }
    expect(begun).toBe(2);
  });

  it('counts on an append to happen once, and counts twice', async () => {
    const [event] = counted(1);
    const append = (): Promise<unknown> => server.client.appendToStream('counted', event!);
    await append();
    // As after an answer that was lost on its way.
    await append();
    expect(await collect(server.client.readStream('counted'))).toHaveLength(2);
  });
});
