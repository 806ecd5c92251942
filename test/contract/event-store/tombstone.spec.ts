import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  ANY,
  BACKWARDS,
  END,
  NO_STREAM,
  START,
  STREAM_EXISTS,
  StreamDeletedError,
  type ExpectedRevision,
  type Position,
  type ReadRevision,
} from '@eventstore/db-client';
import { waysToAppend } from './harness/appending';
import { eventsOfAll } from './harness/history';
import { rule } from './harness/rule';
import { collect, counted, serverOfThisFile } from './harness/server';

/** 2^63 - 1. */
const LARGEST_REVISION = 0x7fff_ffff_ffff_ffffn;

const server = serverOfThisFile();

let stream: string;
/** Of the stream's last event. */
let start: Position;
beforeEach(async () => {
  stream = `tombstoned-${randomUUID()}`;
  start = (await server.client.appendToStream(stream, counted(3))).position!;
});

/** Every kind of call to a stream, by name. */
const calls = (of: string): Record<string, () => Promise<unknown>> => {
  const backwards = { direction: BACKWARDS, fromRevision: END, maxCount: 1 } as const;
  return {
    'a read': () => collect(server.client.readStream(of)),
    'a read of its end': () => collect(server.client.readStream(of, backwards)),
    'a subscription from the start': () => ended(server.client.subscribeToStream(of)),
    'a subscription from the end': () =>
      ended(server.client.subscribeToStream(of, { fromRevision: END })),
    'a delete': () => server.client.deleteStream(of),
    'another tombstone': () => server.client.tombstoneStream(of),
    ...Object.fromEntries(
      waysToAppend.flatMap(([way, call]) =>
        ([ANY, NO_STREAM, STREAM_EXISTS, 2n] as const).map((expectedRevision) => [
          `an append, ${way}, with ${expectedRevision}`,
          () => server.client.appendToStream(of, counted(1), { ...call, expectedRevision }),
        ]),
      ),
    ),
  };
};

/** @throws what the subscription ends with */
async function ended(subscription: ReturnType<typeof server.client.subscribeToStream>) {
  for await (const event of subscription) {
    // In some versions the real server sends $streamDeleted itself before it ends.
    if (event.event?.type !== '$streamDeleted') throw new Error('It got an event');
  }
}

describe(rule('tombstone/for-ever'), () => {
  it.each(Object.keys(calls('')))('%s', async (name) => {
    await server.client.tombstoneStream(stream);
    const error: unknown = await calls(stream)[name]!().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(StreamDeletedError);
    expect(error).toMatchObject({ streamName: stream });
  });
});

describe(rule('tombstone/metastream'), () => {
  it('to read and to write', async () => {
    await server.client.setStreamMetadata(stream, { maxCount: 2 });
    await server.client.tombstoneStream(stream);
    await expect(server.client.getStreamMetadata(stream)).rejects.toThrow(StreamDeletedError);
    await expect(server.client.setStreamMetadata(stream, { maxCount: 3 })).rejects.toThrow(
      StreamDeletedError,
    );
  });
});

describe(rule('tombstone/in-all'), () => {
  it('after the events that were', async () => {
    const { position } = await server.client.tombstoneStream(stream);
    const [last, tombstone] = await eventsOfAll(server.client, start, [stream]);
    expect(last).toMatchObject({ type: 'Counted', revision: 2n });
    expect(tombstone).toMatchObject({
      type: '$streamDeleted',
      revision: LARGEST_REVISION,
      position,
    });
  });
});

describe(rule('tombstone/ends-subscribers'), () => {
  it.each<ReadRevision>([START, END])('who began at its %s', async (fromRevision) => {
    const subscription = server.client.subscribeToStream(stream, { fromRevision });
    subscription.on('data', () => {});
    await once(subscription, 'caughtUp');
    const failed = once(subscription, 'error');
    await server.client.tombstoneStream(stream);
    const [error] = (await failed) as [unknown];
    expect(error).toBeInstanceOf(StreamDeletedError);
  });
});

describe(rule('tombstone/new-stream'), () => {
  it.each<ExpectedRevision>([ANY, NO_STREAM])('with %s', async (expectedRevision) => {
    const fresh = `fresh-${randomUUID()}`;
    await server.client.tombstoneStream(fresh, { expectedRevision });
    await expect(collect(server.client.readStream(fresh))).rejects.toThrow(StreamDeletedError);
  });

  it('after a delete too', async () => {
    await server.client.deleteStream(stream);
    await server.client.tombstoneStream(stream);
    await expect(collect(server.client.readStream(stream))).rejects.toThrow(StreamDeletedError);
  });
});
