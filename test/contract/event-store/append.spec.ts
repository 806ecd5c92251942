import { randomUUID } from 'node:crypto';
import {
  ANY,
  BACKWARDS,
  binaryEvent,
  END,
  jsonEvent,
  MaxAppendSizeExceededError,
  NO_STREAM,
  STREAM_EXISTS,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
} from '@eventstore/db-client';
import { appender, waysToAppend } from './harness/appending';
import { embeddedOnly, rule } from './harness/rule';
import { collect, counted, numberOf, serverOfThisFile } from './harness/server';

const server = serverOfThisFile();

describe.each(waysToAppend)('appending, %s', (_way, call) => {
  const { append, streamOf, numbersIn } = appender(server, call);

  describe(rule('positions/of-append'), () => {
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
  });

  describe(rule('append/expected-revision'), () => {
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
  });

  describe(rule('append/refused'), () => {
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
        const error: unknown = await append(stream, counted(1, 9), expected).catch(
          (e: unknown) => e,
        );
        expect(error).toBeInstanceOf(WrongExpectedVersionError);
        expect(error).toMatchObject({
          streamName: stream,
          expectedVersion: expected,
          actualVersion: actual,
        });
        if (before > 0) expect(await numbersIn(stream)).toEqual([0, 1]);
      },
    );
  });

  describe(rule('append/kept'), () => {
    it('keeps data, metadata, type and id as they were sent', async () => {
      const stream = await streamOf([]);
      const text = { id: randomUUID(), type: 'Þing-happened', data: { à: [1, null] } };
      const bytes = { id: randomUUID(), type: 'blob', data: Buffer.from([0, 255, 1]) };
      const before = Date.now();
      await append(stream, jsonEvent({ ...text, metadata: { by: 'me' } }), NO_STREAM);
      await append(stream, binaryEvent(bytes), ANY);
      const events = (await collect(server.client.readStream(stream))).map(({ event }) => event);
      expect(events).toMatchObject([
        { ...text, streamId: stream, revision: 0n, isJson: true, metadata: { by: 'me' } },
        { id: bytes.id, type: 'blob', revision: 1n, isJson: false, metadata: undefined },
      ]);
      expect(Buffer.from(events[1]?.data as Uint8Array)).toEqual(bytes.data);
      // A server elsewhere may have a clock that is a little wrong.
      expect(Math.abs(events[0]!.created.getTime() - before)).toBeLessThan(60_000);
    });
  });

  describe(rule('limits/append-size'), () => {
    const event = (bytes: number) =>
      binaryEvent({ type: 'big', data: Buffer.alloc(bytes - 'big'.length * 2) });

    it('takes all of 1 MiB, and no byte more', async () => {
      const stream = await streamOf([]);
      const tooLarge = [event(1_048_576 / 2), event(1_048_576 / 2 + 1)];
      const error: unknown = await append(stream, tooLarge, NO_STREAM).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
      expect(error).toMatchObject({ maxAppendSize: 1_048_576 });
      await append(stream, event(1_048_576), NO_STREAM);
      expect(await collect(server.client.readStream(stream))).toHaveLength(1);
    });
  });

  embeddedOnly(rule('append/bad-id'), () => {
    it('refuses an id that is none, and goes on', async () => {
      const stream = await streamOf([]);
      const event = jsonEvent({ id: 'not-a-uuid', type: 'Counted', data: { n: 0 } });
      await expect(append(stream, event, NO_STREAM)).rejects.toThrow(/"not-a-uuid" is not a UUID/);
      await append(stream, counted(1), NO_STREAM);
      expect(await numbersIn(stream)).toEqual([0]);
    });
  });

  describe(rule('append/empty'), () => {
    it('answers where the stream stands', async () => {
      const stream = await streamOf(counted(2));
      expect(await append(stream, [], 1n)).toMatchObject({ nextExpectedRevision: 1n });
      await expect(append(stream, [], 0n)).rejects.toThrow(WrongExpectedVersionError);
    });
  });
});

describe(rule('append/atomic'), () => {
  const { numbersIn } = appender(server, {});

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
    const append = () =>
      server.client.appendToStream(stream, events, { expectedRevision: NO_STREAM });
    const [first, second] = await Promise.all([append(), append()]);
    expect(second).toEqual(first);
    expect(await numbersIn(stream)).toEqual([0, 1]);
  });
});

describe(rule('append/many-messages'), () => {
  it.each(waysToAppend)('as one, %s', async (_way, call) => {
    const stream = randomUUID();
    const result = await server.client.appendToStream(stream, counted(100), {
      ...call,
      expectedRevision: NO_STREAM,
      batchAppendSize: 500,
    });
    expect(result.nextExpectedRevision).toBe(99n);
    const numbers = (await collect(server.client.readStream(stream))).map(numberOf);
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });
});
