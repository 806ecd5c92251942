import { randomUUID } from 'node:crypto';
import {
  ANY,
  binaryEvent,
  BACKWARDS,
  END,
  jsonEvent,
  MaxAppendSizeExceededError,
  NO_STREAM,
  STREAM_EXISTS,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
  type AppendResult,
  type EventData,
} from '@eventstore/db-client';
import { collect, counted, numberOf, startServer, type ServerUnderTest } from './running-server';

/** With credentials of its own a call is appended by the unary RPC, without by the batch RPC. */
const ways = [
  ['batch', {}],
  ['unary', { credentials: { username: 'someone', password: 'secret' } }],
] as const;

let server: ServerUnderTest;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.remove());

const numbersIn = async (stream: string): Promise<number[]> =>
  (await collect(server.client.readStream(stream))).map(numberOf);

describe.each(ways)('appending, %s', (way, call) => {
  const append = (
    stream: string,
    events: EventData[],
    expectedRevision: AppendExpectedRevision,
  ): Promise<AppendResult> =>
    server.client.appendToStream(stream, events, { ...call, expectedRevision });

  /** A stream of its own for each test, which holds these events already. */
  async function streamOf(events: EventData[]): Promise<string> {
    const stream = `${way}-${randomUUID()}`;
    if (events.length > 0) await append(stream, events, NO_STREAM);
    return stream;
  }

  it('answers the revision and the position of the last event', async () => {
    const stream = await streamOf([]);
    const result = await append(stream, counted(3), NO_STREAM);
    const [last] = await collect(
      server.client.readStream(stream, { direction: BACKWARDS, fromRevision: END, maxCount: 1 }),
    );
    expect(result).toEqual({
      success: true,
      nextExpectedRevision: 2n,
      position: last?.event?.position,
    });
  });

  it.each<[AppendExpectedRevision, number]>([
    [NO_STREAM, 0],
    [ANY, 0],
    [ANY, 2],
    [STREAM_EXISTS, 2],
    [1n, 2],
  ])('with %s goes on after %d events', async (expected, before) => {
    const stream = await streamOf(counted(before));
    const result = await append(stream, counted(2, before), expected);
    expect(result.nextExpectedRevision).toBe(BigInt(before + 1));
    expect(await numbersIn(stream)).toEqual(Array.from({ length: before + 2 }, (_, n) => n));
  });

  it.each<[AppendExpectedRevision, number, unknown]>([
    [NO_STREAM, 2, 1n],
    [STREAM_EXISTS, 0, NO_STREAM],
    [0n, 2, 1n],
    [2n, 2, 1n],
    [0n, 0, NO_STREAM],
  ])(
    'with %s after %d events is refused, and changes nothing',
    async (expected, before, actual) => {
      const stream = await streamOf(counted(before));
      const error: unknown = await append(stream, counted(1, 9), expected).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(WrongExpectedVersionError);
      expect(error).toMatchObject({
        streamName: stream,
        expectedVersion: expected,
        actualVersion: actual,
      });
      if (before > 0) expect(await numbersIn(stream)).toEqual([0, 1]);
    },
  );

  it.each<[AppendExpectedRevision, number]>([
    [NO_STREAM, 0],
    [1n, 2],
    [ANY, 2],
    [STREAM_EXISTS, 2],
  ])('twice with %s answers as the first time', async (expected, before) => {
    const stream = await streamOf(counted(before));
    const events = counted(3, before);
    const first = await append(stream, events, expected);
    await append(stream, counted(1, before + 3), first.nextExpectedRevision);
    expect(await append(stream, events, expected)).toEqual(first);
    expect(await numbersIn(stream)).toHaveLength(before + 4);
  });

  it('takes a part of an append, repeated, for the whole', async () => {
    const events = counted(3);
    const stream = await streamOf(events);
    const result = await append(stream, events.slice(1, 2), 0n);
    expect(result.nextExpectedRevision).toBe(1n);
  });

  it.each<[AppendExpectedRevision]>([[NO_STREAM], [ANY]])(
    'refuses known ids followed by a new one, with %s',
    async (expected) => {
      const events = counted(2);
      const stream = await streamOf(events);
      await expect(append(stream, [...events, ...counted(1, 2)], expected)).rejects.toThrow(
        WrongExpectedVersionError,
      );
      expect(await numbersIn(stream)).toEqual([0, 1]);
    },
  );

  it('takes the same id in another stream for another event', async () => {
    const events = counted(1);
    const [one, two] = [await streamOf(events), await streamOf(events)];
    expect(await numbersIn(one)).toEqual([0]);
    expect(await numbersIn(two)).toEqual([0]);
  });

  it('keeps data, metadata, type and id as they were sent', async () => {
    const stream = await streamOf([]);
    const text = { id: randomUUID(), type: 'Þing-happened', data: { à: [1, null] } };
    const bytes = { id: randomUUID(), type: 'blob', data: Buffer.from([0, 255, 1]) };
    await append(stream, [jsonEvent({ ...text, metadata: { by: 'me' } })], NO_STREAM);
    await server.client.appendToStream(stream, binaryEvent(bytes), call);
    const events = (await collect(server.client.readStream(stream))).map(({ event }) => event);
    expect(events).toMatchObject([
      { ...text, streamId: stream, revision: 0n, isJson: true, metadata: { by: 'me' } },
      { id: bytes.id, type: 'blob', revision: 1n, isJson: false, metadata: undefined },
    ]);
    expect(Buffer.from(events[1]?.data as Uint8Array)).toEqual(bytes.data);
  });

  it('takes 1 MiB at most', async () => {
    const stream = await streamOf([]);
    const event = (bytes: number) =>
      binaryEvent({ type: 'big', data: Buffer.alloc(bytes - 'big'.length * 2) });
    const tooLarge = [event(1_048_576 / 2), event(1_048_576 / 2 + 1)];
    const error: unknown = await server.client
      .appendToStream(stream, tooLarge, { ...call, expectedRevision: NO_STREAM })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
    expect(error).toMatchObject({ maxAppendSize: 1_048_576 });
    await server.client.appendToStream(stream, event(1_048_576), {
      ...call,
      expectedRevision: NO_STREAM,
    });
    expect(await collect(server.client.readStream(stream))).toHaveLength(1);
  });

  it('refuses an id that is none, and goes on', async () => {
    const stream = await streamOf([]);
    const event = jsonEvent({ id: 'not-a-uuid', type: 'Counted', data: { n: 0 } });
    await expect(
      server.client.appendToStream(stream, event, { ...call, expectedRevision: NO_STREAM }),
    ).rejects.toThrow(/"not-a-uuid" is not a UUID/);
    await append(stream, counted(1), NO_STREAM);
    expect(await numbersIn(stream)).toEqual([0]);
  });

  it('without events answers where the stream stands', async () => {
    const stream = await streamOf(counted(2));
    expect(await append(stream, [], 1n)).toMatchObject({ nextExpectedRevision: 1n });
    await expect(append(stream, [], 0n)).rejects.toThrow(WrongExpectedVersionError);
  });
});

describe('concurrent appends', () => {
  it('to one stream with one expectation: one succeeds', async () => {
    const stream = randomUUID();
    const attempts = await Promise.allSettled(
      counted(20).map((event) =>
        server.client.appendToStream(stream, event, { expectedRevision: NO_STREAM }),
      ),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await numbersIn(stream)).toHaveLength(1);
  });

  it('are each whole, and get growing positions', async () => {
    const stream = randomUUID();
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, batch) =>
        server.client.appendToStream(stream, counted(4, batch * 4), { expectedRevision: ANY }),
      ),
    );
    const revisions = results.map(({ nextExpectedRevision }) => nextExpectedRevision);
    expect([...revisions].sort((a, b) => Number(a - b))).toEqual(
      Array.from({ length: 50 }, (_, batch) => BigInt(batch * 4 + 3)),
    );
    const events = await collect(server.client.readStream(stream));
    const positions = events.map(({ event }) => event!.position!.commit);
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => Number(a - b)));
    for (let batch = 0; batch < 50; batch += 1) {
      const [first, ...rest] = events.slice(batch * 4, batch * 4 + 4).map(numberOf);
      expect(rest).toEqual([first! + 1, first! + 2, first! + 3]);
    }
  });

  it('of one event, twice at once, happen once', async () => {
    const stream = randomUUID();
    const events = counted(2);
    const append = (): Promise<AppendResult> =>
      server.client.appendToStream(stream, events, { expectedRevision: NO_STREAM });
    const [first, second] = await Promise.all([append(), append()]);
    expect(second).toEqual(first);
    expect(await numbersIn(stream)).toEqual([0, 1]);
  });

  it('come in many messages when they are large, and still count as one', async () => {
    const stream = randomUUID();
    const result = await server.client.appendToStream(stream, counted(100), {
      expectedRevision: NO_STREAM,
      batchAppendSize: 500,
    });
    expect(result.nextExpectedRevision).toBe(99n);
    expect(await numbersIn(stream)).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });
});
