import {
  ANY,
  NO_STREAM,
  STREAM_EXISTS,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
} from '@eventstore/db-client';
import { appender, waysToAppend } from './harness/appending';
import { embeddedOnly, rule } from './harness/rule';
import { counted, ownServerForEachTest, serverOfThisFile } from './harness/server';

/**
 * A client that got no answer repeats its append, and must neither double it nor be told that it
 * failed. The server knows a repeat by the ids of its events.
 */
const server = serverOfThisFile();

describe.each(waysToAppend)('a repeated append, %s', (_way, call) => {
  const { append, streamOf, numbersIn } = appender(server, call);

  const repeat = async (expected: AppendExpectedRevision, before: number): Promise<void> => {
    const stream = await streamOf(counted(before));
    const events = counted(3, before);
    const first = await append(stream, events, expected);
    await append(stream, counted(1, before + 3), first.nextExpectedRevision);
    expect(await append(stream, events, expected)).toEqual(first);
    expect(await numbersIn(stream)).toHaveLength(before + 4);
  };

  describe(rule('retry/explicit'), () => {
    it.each<[AppendExpectedRevision, number]>([
      [NO_STREAM, 0],
      [1n, 2],
    ])('twice with %s answers as the first time', repeat);
  });

  describe(rule('retry/any'), () => {
    it.each<[AppendExpectedRevision, number]>([
      [ANY, 2],
      [STREAM_EXISTS, 2],
    ])('twice with %s answers as the first time', repeat);
  });

  describe(rule('retry/part'), () => {
    it('is taken for the whole', async () => {
      const events = counted(3);
      const stream = await streamOf(events);
      const result = await append(stream, events.slice(1, 2), 0n);
      expect(result.nextExpectedRevision).toBe(1n);
    });

    it('at another place is not', async () => {
      const events = counted(3);
      const stream = await streamOf(events);
      await expect(append(stream, events.slice(1, 2), 1n)).rejects.toThrow(
        WrongExpectedVersionError,
      );
    });
  });

  describe(rule('retry/mixed'), () => {
    it.each<[AppendExpectedRevision]>([[NO_STREAM], [ANY], [STREAM_EXISTS]])(
      'are refused, with %s',
      async (expected) => {
        const events = counted(2);
        const stream = await streamOf(events);
        await expect(append(stream, [...events, ...counted(1, 2)], expected)).rejects.toThrow(
          WrongExpectedVersionError,
        );
        expect(await numbersIn(stream)).toEqual([0, 1]);
      },
    );
  });

  describe(rule('retry/other-stream'), () => {
    it.each<[AppendExpectedRevision]>([[NO_STREAM], [ANY]])('with %s', async (expected) => {
      const events = counted(1);
      const [one, two] = [await streamOf(events), await streamOf([])];
      await append(two, events, expected);
      expect(await numbersIn(one)).toEqual([0]);
      expect(await numbersIn(two)).toEqual([0]);
    });
  });
});

embeddedOnly('after a restart', () => {
  const own = ownServerForEachTest();

  describe(rule('retry/explicit'), () => {
    it('is known by its revision', async () => {
      const append = (events: ReturnType<typeof counted>) =>
        own.client.appendToStream('one', events, { expectedRevision: NO_STREAM });
      const events = counted(3);
      const first = await append(events);
      await own.restart();
      expect(await append(events)).toEqual(first);
    });
  });
});
