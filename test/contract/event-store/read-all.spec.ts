import { randomUUID } from 'node:crypto';
import {
  BACKWARDS,
  END,
  FORWARDS,
  NO_STREAM,
  START,
  type AllStreamRecordedEvent,
  type AllStreamResolvedEvent,
  type Position,
  type ReadAllOptions,
} from '@eventstore/db-client';
import { rule } from './harness/rule';
import { collect, counted, numberOf, serverOfThisFile } from './harness/server';

/** More than two pages of the log, so that what happens between pages is seen. */
const MANY = 600;

const server = serverOfThisFile();
const prefix = `all-${randomUUID()}`;
/** What this file has appended, in order. Others may append between, and have done so before. */
let own: AllStreamRecordedEvent[];

const positionOf = (index: number): Position => own[index]!.position;

/** Those of our own among the events that a read of all has given. */
const ownOf = (events: AllStreamResolvedEvent[]): AllStreamRecordedEvent[] =>
  events.flatMap(({ event }) => (event?.streamId.startsWith(prefix) ? [event] : []));

const read = async (options: ReadAllOptions): Promise<AllStreamRecordedEvent[]> =>
  ownOf(await collect(server.client.readAll(options)));

beforeAll(async () => {
  const { client } = server;
  const first = await client.appendToStream(`${prefix}-a`, counted(1), {
    expectedRevision: NO_STREAM,
  });
  await client.appendToStream(`${prefix}-a`, counted(4, 1), { expectedRevision: 0n });
  await client.appendToStream(`${prefix}-b`, counted(3, 100), { expectedRevision: NO_STREAM });
  await client.appendToStream(`${prefix}-a`, counted(5, 5), { expectedRevision: 4n });
  await client.appendToStream(`${prefix}-c`, counted(MANY), { expectedRevision: NO_STREAM });
  own = await read({ fromPosition: first.position! });
});

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe(rule('positions/grow'), () => {
  it('across streams', () => {
    expect(own.map((event) => numberOf({ event }))).toEqual([
      ...upTo(5),
      ...[100, 101, 102],
      ...[5, 6, 7, 8, 9],
      ...upTo(MANY),
    ]);
    const commits = own.map(({ position }) => position.commit);
    const steps = commits.slice(1).map((commit, index) => commit - commits[index]!);
    expect(steps.every((step) => step > 0n)).toBe(true);
    expect(steps.some((step) => step > 1n)).toBe(true);
    expect(own.every(({ position }) => position.prepare === position.commit)).toBe(true);
  });
});

describe(rule('read/includes-start'), () => {
  it('also of all', async () => {
    expect(await read({ fromPosition: positionOf(4), maxCount: 1 })).toEqual([own[4]]);
    expect(await read({ fromPosition: positionOf(own.length - 1) })).toEqual(own.slice(-1));
  });
});

describe(rule('read/all-backwards'), () => {
  it('begins with the one before', async () => {
    const before = await read({
      direction: BACKWARDS,
      fromPosition: positionOf(4),
      maxCount: 100,
    });
    expect(before).toEqual([own[3], own[2], own[1], own[0]]);
  });
});

describe(rule('read/pages'), () => {
  it('of all, in both directions', async () => {
    expect(await read({ direction: FORWARDS, fromPosition: positionOf(0) })).toEqual(own);
    // Others may have appended a few since.
    const maxCount = own.length + 300;
    const backwards = await read({ direction: BACKWARDS, fromPosition: END, maxCount });
    expect(backwards).toEqual([...own].reverse());
  });
});

describe(rule('read/all-beyond'), () => {
  const beyond = 0xffff_ffff_ffff_ffffn;
  it.each<[string, ReadAllOptions]>([
    ['forwards from the end', { direction: FORWARDS, fromPosition: END }],
    ['backwards from the start', { direction: BACKWARDS, fromPosition: START }],
    ['beyond the end', { fromPosition: { commit: beyond, prepare: beyond } }],
  ])('%s', async (_where, options) => {
    expect(await collect(server.client.readAll(options))).toEqual([]);
  });
});

describe(rule('all/system-streams'), () => {
  it('in their place among the others', async () => {
    const stream = `${prefix}-d`;
    const { position } = await server.client.appendToStream(stream, counted(1));
    await server.client.setStreamMetadata(stream, { maxCount: 9 });
    await server.client.appendToStream(stream, counted(1, 1));
    const names = (await collect(server.client.readAll({ fromPosition: position! })))
      .map(({ event }) => event!.streamId)
      .filter((name) => name.endsWith(stream));
    expect(names).toEqual([stream, `$$${stream}`, stream]);
  });
});

describe(rule('read/no-filter'), () => {
  it('gets events of other streams all the same', async () => {
    const options = {
      fromPosition: positionOf(0),
      maxCount: 8,
      filter: { filterOn: 'streamName', prefixes: [`${prefix}-b`] },
    };
    const events = await collect(server.client.readAll(options));
    expect(ownOf(events)[0]).toEqual(own[0]);
  });
});
