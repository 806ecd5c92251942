import { randomUUID } from 'node:crypto';
import {
  BACKWARDS,
  END,
  FORWARDS,
  NO_STREAM,
  START,
  StreamNotFoundError,
  UnknownError,
  type Direction,
  type ReadRevision,
} from '@eventstore/db-client';
import { embeddedOnly, rule } from './harness/rule';
import { collect, counted, numberOf, serverOfThisFile } from './harness/server';

/** More than two pages of the log, so that what happens between pages is seen. */
const MANY = 600;
/** The largest revision that can be told apart from "the end". */
const FAR = 0x7fff_ffff_ffff_fffen;

const server = serverOfThisFile();
const ten = `ten-${randomUUID()}`;
const many = `many-${randomUUID()}`;
beforeAll(async () => {
  const { client } = server;
  await client.appendToStream(ten, counted(5), { expectedRevision: NO_STREAM });
  // A name that begins with another's must not come into its way.
  await client.appendToStream(`${ten}-2`, counted(3, 100), { expectedRevision: NO_STREAM });
  await client.appendToStream(ten, counted(5, 5), { expectedRevision: 4n });
  await client.appendToStream(many, counted(MANY), { expectedRevision: NO_STREAM });
});

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

const read = async (
  direction: Direction,
  fromRevision: ReadRevision,
  maxCount?: number,
): Promise<number[]> => {
  const options = { direction, fromRevision, ...(maxCount !== undefined && { maxCount }) };
  return (await collect(server.client.readStream(ten, options))).map(numberOf);
};

type Row = [Direction, ReadRevision, number | undefined, number[]];

describe(rule('read/bounds'), () => {
  it.each<Row>([
    [FORWARDS, START, undefined, upTo(10)],
    [FORWARDS, START, 3, [0, 1, 2]],
    [FORWARDS, 10n, undefined, []],
    [FORWARDS, FAR, undefined, []],
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
});

embeddedOnly(rule('read/bounds'), () => {
  // The real server takes the largest number for its own sign of the end, and a count of none for
  // a mistake.
  it.each<Row>([
    [FORWARDS, START, 0, []],
    [FORWARDS, 0xffff_ffff_ffff_ffffn, undefined, []],
  ])('%s from %s, at most %s', async (direction, from, maxCount, expected) => {
    expect(await read(direction, from, maxCount)).toEqual(expected);
  });
});

describe(rule('read/includes-start'), () => {
  it.each<Row>([
    [FORWARDS, 7n, undefined, [7, 8, 9]],
    [FORWARDS, 7n, 2, [7, 8]],
    [FORWARDS, 9n, 5, [9]],
  ])('%s from %s, at most %s', async (direction, from, maxCount, expected) => {
    expect(await read(direction, from, maxCount)).toEqual(expected);
  });
});

describe(rule('read/forwards-from-end'), () => {
  it('is an UnknownError', async () => {
    await expect(read(FORWARDS, END)).rejects.toThrow(UnknownError);
  });
});

describe(rule('read/not-found'), () => {
  it.each<Direction>([FORWARDS, BACKWARDS])('%s', async (direction) => {
    const none = `none-${randomUUID()}`;
    const fromRevision = direction === FORWARDS ? START : END;
    const missing = collect(server.client.readStream(none, { direction, fromRevision }));
    await expect(missing).rejects.toThrow(StreamNotFoundError);
    await expect(missing).rejects.toMatchObject({ streamName: none });
  });
});

describe(rule('read/ids'), () => {
  it('in lower case, with dashes', async () => {
    const stream = `ids-${randomUUID()}`;
    const [event] = counted(1);
    await server.client.appendToStream(stream, { ...event!, id: event!.id.toUpperCase() });
    const [read] = await collect(server.client.readStream(stream));
    expect(read?.event?.id).toBe(event!.id);
  });
});

describe(rule('read/leader'), () => {
  it('takes the header that asks for it', async () => {
    const last = { direction: BACKWARDS, fromRevision: END, maxCount: 1 } as const;
    const events = await collect(server.client.readStream(ten, { ...last, requiresLeader: true }));
    expect(events.map(numberOf)).toEqual([9]);
  });
});

describe(rule('read/pages'), () => {
  it('in both directions', async () => {
    const forwards = await collect(server.client.readStream(many));
    const backwards = await collect(
      server.client.readStream(many, { direction: BACKWARDS, fromRevision: END }),
    );
    expect(forwards.map(numberOf)).toEqual(upTo(MANY));
    expect(backwards).toEqual([...forwards].reverse());
  });

  it('always finds an end, also when a newer one is just being committed', async () => {
    const { client } = server;
    const busy = `busy-${randomUUID()}`;
    await client.appendToStream(busy, counted(1), { expectedRevision: NO_STREAM });
    let appending = true;
    const appended = (async () => {
      for (let n = 1; appending; n++) await client.appendToStream(busy, counted(1, n));
    })();
    const last = { direction: BACKWARDS, maxCount: 1 } as const;
    for (let n = 0; n < 100; n++) {
      const ends = await Promise.all([
        collect(client.readAll({ ...last, fromPosition: END })),
        collect(client.readStream(busy, { ...last, fromRevision: END })),
      ]);
      expect(ends.map(({ length }) => length)).toEqual([1, 1]);
    }
    appending = false;
    await appended;
  });
});
