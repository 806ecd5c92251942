import {
  BACKWARDS,
  END,
  FORWARDS,
  NO_STREAM,
  START,
  StreamNotFoundError,
  UnknownError,
  type Direction,
  type Position,
  type ReadPosition,
  type ReadRevision,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { collect, counted, numberOf, startServer, type ServerUnderTest } from './running-server';

/** More than two pages of the log, so that what happens between pages is seen. */
const MANY = 600;

let server: ServerUnderTest;
let all: ResolvedEvent[];
beforeAll(async () => {
  server = await startServer();
  const { client } = server;
  await client.appendToStream('ten', counted(5), { expectedRevision: NO_STREAM });
  await client.appendToStream('ten-2', counted(3, 100), { expectedRevision: NO_STREAM });
  await client.appendToStream('ten', counted(5, 5), { expectedRevision: 4n });
  await client.appendToStream('many', counted(MANY), { expectedRevision: NO_STREAM });
  all = await collect(client.readAll());
});
afterAll(() => server.remove());

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe('reading a stream', () => {
  const read = async (
    direction: Direction,
    fromRevision: ReadRevision,
    maxCount?: number,
  ): Promise<number[]> => {
    const options = { direction, fromRevision, ...(maxCount !== undefined && { maxCount }) };
    return (await collect(server.client.readStream('ten', options))).map(numberOf);
  };

  it.each<[Direction, ReadRevision, number | undefined, number[]]>([
    [FORWARDS, START, undefined, upTo(10)],
    [FORWARDS, START, 3, [0, 1, 2]],
    [FORWARDS, START, 0, []],
    [FORWARDS, 7n, undefined, [7, 8, 9]],
    [FORWARDS, 7n, 2, [7, 8]],
    [FORWARDS, 9n, 5, [9]],
    [FORWARDS, 10n, undefined, []],
    [FORWARDS, 0xffff_ffff_ffff_ffffn, undefined, []],
    [BACKWARDS, END, undefined, upTo(10).reverse()],
    [BACKWARDS, END, 1, [9]],
    [BACKWARDS, 3n, undefined, [3, 2, 1, 0]],
    [BACKWARDS, 3n, 2, [3, 2]],
    [BACKWARDS, 50n, 2, [9, 8]],
    [BACKWARDS, 0n, undefined, [0]],
    [BACKWARDS, START, undefined, [0]],
  ])('%s from %s, at most %s', async (direction, from, maxCount, expected) => {
    expect(await read(direction, from, maxCount)).toEqual(expected);
  });

  it('forwards from its end is an error of unknown kind', async () => {
    await expect(read(FORWARDS, END)).rejects.toThrow(UnknownError);
  });

  it.each<Direction>([FORWARDS, BACKWARDS])(
    'that does not exist, %s, says so',
    async (direction) => {
      const fromRevision = direction === FORWARDS ? START : END;
      const missing = collect(server.client.readStream('none', { direction, fromRevision }));
      await expect(missing).rejects.toThrow(StreamNotFoundError);
      await expect(missing).rejects.toMatchObject({ streamName: 'none' });
    },
  );

  it('takes the header that asks for the leader', async () => {
    const events = await collect(
      server.client.readStream('ten', {
        direction: BACKWARDS,
        fromRevision: END,
        maxCount: 1,
        requiresLeader: true,
      }),
    );
    expect(events.map(numberOf)).toEqual([9]);
  });

  it('goes through many pages in both directions', async () => {
    const forwards = await collect(server.client.readStream('many'));
    const backwards = await collect(
      server.client.readStream('many', { direction: BACKWARDS, fromRevision: END }),
    );
    expect(forwards.map(numberOf)).toEqual(upTo(MANY));
    expect(backwards).toEqual([...forwards].reverse());
  });
});

describe('reading all', () => {
  const read = (
    direction: Direction,
    fromPosition: ReadPosition,
    maxCount?: number,
  ): Promise<ResolvedEvent[]> =>
    collect(
      server.client.readAll({
        direction,
        fromPosition,
        ...(maxCount !== undefined && { maxCount }),
      }),
    );
  const positionOf = (index: number): Position => all[index]!.event!.position!;

  it('gives every event in the order of appending, at growing positions', () => {
    expect(all.map(numberOf)).toEqual([
      ...upTo(5),
      ...[100, 101, 102],
      ...[5, 6, 7, 8, 9],
      ...upTo(MANY),
    ]);
    const commits = all.map(({ commitPosition }) => commitPosition!);
    expect(commits.every((commit, index) => index === 0 || commit > commits[index - 1]!)).toBe(
      true,
    );
    expect(all.every(({ event }) => event!.position!.prepare === event!.position!.commit)).toBe(
      true,
    );
  });

  it('forwards includes the position it starts from', async () => {
    expect(await read(FORWARDS, positionOf(4), 3)).toEqual(all.slice(4, 7));
    expect(await read(FORWARDS, positionOf(all.length - 1))).toEqual(all.slice(-1));
  });

  it('backwards excludes the position it starts from', async () => {
    expect(await read(BACKWARDS, positionOf(4), 3)).toEqual([all[3], all[2], all[1]]);
    expect(await read(BACKWARDS, positionOf(0))).toEqual([]);
  });

  it('goes through everything, in both directions', async () => {
    expect(await read(FORWARDS, START)).toEqual(all);
    expect(await read(BACKWARDS, END)).toEqual([...all].reverse());
  });

  it('beyond either end there is nothing', async () => {
    expect(await read(FORWARDS, END)).toEqual([]);
    expect(await read(BACKWARDS, START)).toEqual([]);
    const beyond = 0xffff_ffff_ffff_ffffn;
    expect(await read(FORWARDS, { commit: beyond, prepare: beyond })).toEqual([]);
  });
});

describe('reading backwards while others append', () => {
  it('always finds an end, also when a newer one is just being committed', async () => {
    const { client } = server;
    await client.appendToStream('busy', counted(1), { expectedRevision: NO_STREAM });
    let appending = true;
    const appended = (async () => {
      for (let n = 1; appending; n++) await client.appendToStream('busy', counted(1, n));
    })();
    const last = { direction: BACKWARDS, maxCount: 1 } as const;
    for (let n = 0; n < 100; n++) {
      const ends = await Promise.all([
        collect(client.readAll({ ...last, fromPosition: END })),
        collect(client.readStream('busy', { ...last, fromRevision: END })),
      ]);
      expect(ends.map(({ length }) => length)).toEqual([1, 1]);
    }
    appending = false;
    await appended;
  });
});
