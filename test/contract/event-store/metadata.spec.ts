import { randomUUID } from 'node:crypto';
import {
  BACKWARDS,
  binaryEvent,
  END,
  NO_STREAM,
  START,
  STREAM_EXISTS,
  WrongExpectedVersionError,
  type ReadRevision,
  type StreamMetadata,
} from '@eventstore/db-client';
import { eventsOfAll } from './harness/history';
import { embeddedOnly, rule } from './harness/rule';
import { collect, counted, numberOf, serverOfThisFile } from './harness/server';
import { listen, untilCaughtUp } from './harness/told';

const server = serverOfThisFile();

let stream: string;
beforeEach(() => {
  stream = `described-${randomUUID()}`;
});

const set = (metadata: StreamMetadata, options = {}) =>
  server.client.setStreamMetadata(stream, metadata, options);

const forwards = async (fromRevision: ReadRevision = START): Promise<number[]> =>
  (await collect(server.client.readStream(stream, { fromRevision }))).map(numberOf);

const backwards = async (fromRevision: ReadRevision = END): Promise<number[]> =>
  (await collect(server.client.readStream(stream, { direction: BACKWARDS, fromRevision }))).map(
    numberOf,
  );

describe(rule('metadata/read-and-append'), () => {
  it("with its own names and the user's", async () => {
    expect(await server.client.getStreamMetadata(stream)).toEqual({ streamName: stream });
    const metadata = {
      maxCount: 9,
      maxAge: 3_600,
      truncateBefore: 1,
      cacheControl: 5,
      owner: 'me',
    };
    await set({ maxCount: 1 });
    await set(metadata);
    expect(await server.client.getStreamMetadata(stream)).toMatchObject({
      streamName: stream,
      metadata,
    });
    const [event] = await collect(server.client.readStream(`$$${stream}`));
    expect(event?.event).toMatchObject({
      type: '$metadata',
      revision: 1n,
      data: { $maxCount: 9, $maxAge: 3_600, $tb: 1, $cacheControl: 5, owner: 'me' },
    });
  });

  it('says something only when it is written as JSON', async () => {
    await server.client.appendToStream(stream, counted(3));
    const data = Buffer.from('{"$maxCount":1}');
    await server.client.appendToStream(`$$${stream}`, binaryEvent({ type: '$metadata', data }));
    expect(await forwards()).toEqual([0, 1, 2]);
  });

  it('stands apart from the stream', async () => {
    await set({ maxCount: 2 });
    await server.client.appendToStream(stream, counted(1), { expectedRevision: NO_STREAM });
    expect(await forwards()).toEqual([0]);
  });
});

describe(rule('metadata/expected-revision'), () => {
  it('of $$stream, not of the stream', async () => {
    await server.client.appendToStream(stream, counted(5));
    await set({ maxCount: 2 }, { expectedRevision: NO_STREAM });
    await set({ maxCount: 3 }, { expectedRevision: 0n });
    await expect(set({ maxCount: 4 }, { expectedRevision: 0n })).rejects.toThrow(
      WrongExpectedVersionError,
    );
  });
});

describe(rule('metadata/stream-exists'), () => {
  it('is appended to', async () => {
    const append = () =>
      server.client.appendToStream(stream, counted(1), { expectedRevision: STREAM_EXISTS });
    await expect(append()).rejects.toThrow(WrongExpectedVersionError);
    await set({ maxCount: 2 });
    expect(await append()).toMatchObject({ nextExpectedRevision: 0n });
  });
});

describe(rule('metadata/max-count'), () => {
  it('for reads in both directions, and as the stream grows', async () => {
    await server.client.appendToStream(stream, counted(5));
    await set({ maxCount: 2 });
    expect(await forwards()).toEqual([3, 4]);
    expect(await forwards(1n)).toEqual([3, 4]);
    expect(await forwards(4n)).toEqual([4]);
    expect(await backwards()).toEqual([4, 3]);
    expect(await backwards(2n)).toEqual([]);
    await server.client.appendToStream(stream, counted(1, 5));
    expect(await forwards()).toEqual([4, 5]);
  });

  it('shows them again when it is larger again', async () => {
    await server.client.appendToStream(stream, counted(3));
    await set({ maxCount: 1 });
    await set({ maxCount: 10 });
    expect(await forwards()).toEqual([0, 1, 2]);
  });

  it('for a subscription', async () => {
    await server.client.appendToStream(stream, counted(5));
    await set({ maxCount: 2 });
    const told = await listen(server.client.subscribeToStream(stream), untilCaughtUp);
    expect(told).toEqual(['confirmed', 3, 4, 'caughtUp']);
  });

  it('goes on counting revisions', async () => {
    await server.client.appendToStream(stream, counted(5));
    await set({ maxCount: 1 });
    const appended = await server.client.appendToStream(stream, counted(1), {
      expectedRevision: 4n,
    });
    expect(appended.nextExpectedRevision).toBe(5n);
  });
});

describe(rule('metadata/truncate-before'), () => {
  it.each<[number, number[]]>([
    [0, [0, 1, 2, 3]],
    [2, [2, 3]],
    [4, []],
    [9, []],
  ])('%d', async (truncateBefore, left) => {
    await server.client.appendToStream(stream, counted(4));
    await set({ truncateBefore });
    expect(await forwards()).toEqual(left);
    expect(await backwards()).toEqual([...left].reverse());
  });

  it('and $maxCount: the stricter holds', async () => {
    await server.client.appendToStream(stream, counted(6));
    await set({ truncateBefore: 1, maxCount: 3 });
    expect(await forwards()).toEqual([3, 4, 5]);
    await set({ truncateBefore: 5, maxCount: 3 });
    expect(await forwards()).toEqual([5]);
  });
});

describe(rule('metadata/max-age'), () => {
  it('leaves what is younger', async () => {
    await server.client.appendToStream(stream, counted(2));
    await set({ maxAge: 3_600 });
    expect(await forwards()).toEqual([0, 1]);
  });
});

embeddedOnly(rule('metadata/max-age'), () => {
  it('hides what is older, to the moment', async () => {
    await server.client.appendToStream(stream, counted(1));
    await set({ maxAge: 1 });
    const [first] = await eventsOfAll(server.client, { commit: 0n, prepare: 0n }, [stream]);
    const until = first!.created.getTime() + 1_000;
    for (let begun = 0; begun <= until;) {
      begun = Date.now();
      const numbers = await forwards();
      if (Date.now() < until) expect(numbers).toEqual([0]);
      if (begun > until) expect(numbers).toEqual([]);
    }
    // Read while it is young: a machine that stands still meanwhile has another one read.
    let [next, read]: [number, number[][] | undefined] = [1, undefined];
    for (; !read; next++) {
      while ((await forwards()).length > 0);
      const youngUntil = Date.now() + 1_000;
      await server.client.appendToStream(stream, counted(1, next));
      const both = [await forwards(), await backwards()];
      if (Date.now() < youngUntil) read = both;
    }
    expect(read).toEqual([[next - 1], [next - 1]]);
  });
});

describe(rule('metadata/metastream'), () => {
  it('one to read, three in all', async () => {
    const { position } = await set({ maxCount: 1 });
    await set({ maxCount: 2 });
    await set({ maxCount: 3 });
    const metastream = `$$${stream}`;
    const readable = await collect(server.client.readStream(metastream));
    expect(readable.map(({ event }) => event?.revision)).toEqual([2n]);
    expect(await eventsOfAll(server.client, position!, [metastream])).toHaveLength(3);
  });
});
