import { randomUUID } from 'node:crypto';
import {
  ANY,
  BACKWARDS,
  END,
  NO_STREAM,
  STREAM_EXISTS,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
  type ExpectedRevision,
  type Position,
} from '@eventstore/db-client';
import { waysToAppend } from './harness/appending';
import { eventsOfAll } from './harness/history';
import { rule } from './harness/rule';
import { collect, counted, numberOf, serverOfThisFile } from './harness/server';

/** `$tb` of a deleted stream: 2^63 - 1, which is 2^63 once JavaScript has parsed it. */
const TO_THE_LAST = 2 ** 63;

const server = serverOfThisFile();

let stream: string;
/** Of the stream's first event. */
let start: Position;
beforeEach(async () => {
  stream = `deleted-${randomUUID()}`;
  const { position } = await server.client.appendToStream(stream, counted(3));
  start = position!;
});

const revisionsAndNumbers = async (): Promise<[bigint, number][]> =>
  (await collect(server.client.readStream(stream))).map((event) => [
    event.event!.revision,
    numberOf(event),
  ]);

/** The data of every event in `$$stream`, as all has kept them. */
const metadataWritten = async (): Promise<unknown[]> =>
  (await eventsOfAll(server.client, start, [`$$${stream}`])).map(({ data }) => data);

describe(rule('delete/answers-position'), () => {
  it('of the $metadata event, or of $streamDeleted', async () => {
    const deleted = await server.client.deleteStream(stream);
    const tombstoned = await server.client.tombstoneStream(stream);
    const written = await eventsOfAll(server.client, start, [`$$${stream}`, stream]);
    expect(written.slice(-2).map(({ type, position }) => [type, position])).toEqual([
      ['$metadata', deleted.position],
      ['$streamDeleted', tombstoned.position],
    ]);
  });
});

describe(rule('delete/refused'), () => {
  const ways = [
    [
      'delete',
      (of: string, expected: ExpectedRevision) =>
        server.client.deleteStream(of, { expectedRevision: expected }),
    ],
    [
      'tombstone',
      (of: string, expected: ExpectedRevision) =>
        server.client.tombstoneStream(of, { expectedRevision: expected }),
    ],
  ] as const;

  describe.each(ways)('%s', (_way, remove) => {
    it.each<[ExpectedRevision, bigint]>([
      [0n, 0n],
      [3n, 3n],
      [NO_STREAM, -1n],
    ])('with %s after 3 events', async (expected, inNumbers) => {
      const error: unknown = await remove(stream, expected).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(WrongExpectedVersionError);
      expect(error).toMatchObject({
        streamName: stream,
        expectedVersion: inNumbers,
        actualVersion: 2n,
      });
      expect(await revisionsAndNumbers()).toHaveLength(3);
    });

    it.each<ExpectedRevision>([2n, ANY])('goes on with %s', async (expected) => {
      await expect(remove(stream, expected)).resolves.toMatchObject({
        position: { commit: expect.any(BigInt) as bigint },
      });
    });
  });
});

describe(rule('soft-delete/not-found'), () => {
  it('forwards and backwards', async () => {
    await server.client.deleteStream(stream);
    await expect(collect(server.client.readStream(stream))).rejects.toThrow(StreamNotFoundError);
    const backwards = { direction: BACKWARDS, fromRevision: END, maxCount: 1 } as const;
    await expect(collect(server.client.readStream(stream, backwards))).rejects.toThrow(
      StreamNotFoundError,
    );
    const kept = await eventsOfAll(server.client, start, [stream]);
    expect(kept.map((event) => numberOf({ event }))).toEqual([2]);
  });
});

describe.each(waysToAppend)('after a delete, appending %s', (_way, call) => {
  const append = (expectedRevision: AppendExpectedRevision) =>
    server.client.appendToStream(stream, counted(2, 10), { ...call, expectedRevision });

  describe(rule('soft-delete/goes-on'), () => {
    it.each<AppendExpectedRevision>([ANY, NO_STREAM, 2n])('with %s', async (expected) => {
      await server.client.deleteStream(stream);
      const { nextExpectedRevision } = await append(expected);
      expect(nextExpectedRevision).toBe(4n);
      expect(await revisionsAndNumbers()).toEqual([
        [3n, 10],
        [4n, 11],
      ]);
    });

    it('as often as it is deleted', async () => {
      await server.client.deleteStream(stream);
      await append(ANY);
      await server.client.deleteStream(stream);
      await append(NO_STREAM);
      expect((await revisionsAndNumbers()).map(([revision]) => revision)).toEqual([5n, 6n]);
    });
  });

  describe(rule('soft-delete/stream-exists'), () => {
    it('is a StreamDeletedError, and changes nothing', async () => {
      await server.client.deleteStream(stream);
      const error: unknown = await append(STREAM_EXISTS).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(StreamDeletedError);
      expect(error).toMatchObject({ streamName: stream });
      await expect(collect(server.client.readStream(stream))).rejects.toThrow(StreamNotFoundError);
    });

    it('holds again once the stream has begun anew', async () => {
      await server.client.deleteStream(stream);
      await append(ANY);
      await append(STREAM_EXISTS);
    });
  });
});

describe(rule('soft-delete/metadata'), () => {
  it('and forgets what was set before', async () => {
    await server.client.setStreamMetadata(stream, { maxCount: 7, owner: 'somebody' });
    await server.client.deleteStream(stream);
    await server.client.appendToStream(stream, counted(1));
    expect(await metadataWritten()).toEqual([
      { $maxCount: 7, owner: 'somebody' },
      { $tb: TO_THE_LAST },
      { $tb: 3 },
    ]);
  });

  it('after the events that begin it anew', async () => {
    await server.client.deleteStream(stream);
    await server.client.appendToStream(stream, counted(2));
    const written = await eventsOfAll(server.client, start, [stream, `$$${stream}`]);
    expect(written.slice(-3).map(({ type }) => type)).toEqual(['Counted', 'Counted', '$metadata']);
  });
});

describe(rule('soft-delete/set-metadata'), () => {
  it('with what was set, and $tb after all that was', async () => {
    await server.client.deleteStream(stream);
    await server.client.setStreamMetadata(stream, { maxCount: 7 });
    expect((await metadataWritten()).at(-1)).toEqual({ $maxCount: 7, $tb: 3 });
    expect(await revisionsAndNumbers()).toEqual([]);
  });
});

describe(rule('soft-delete/never-was'), () => {
  it.each<ExpectedRevision>([ANY, NO_STREAM])('with %s', async (expectedRevision) => {
    const never = `never-${randomUUID()}`;
    await expect(server.client.deleteStream(never, { expectedRevision })).rejects.toThrow(
      WrongExpectedVersionError,
    );
  });
});
