import { randomUUID } from 'node:crypto';
import { DeadlineExceededError, StreamNotFoundError } from '@eventstore/db-client';
import { waysToAppend } from './harness/appending';
import { embeddedOnly, rule } from './harness/rule';
import { collect, counted, ownServerForEachTest, serverOfThisFile } from './harness/server';

const server = serverOfThisFile();

/** Nothing was written. */
async function expectMissing(stream: string): Promise<void> {
  await expect(collect(server.client.readStream(stream))).rejects.toThrow(StreamNotFoundError);
}

describe(rule('deadlines/batch'), () => {
  it('one that has passed appends nothing, and the next goes on', async () => {
    const stream = `late-${randomUUID()}`;
    await expect(
      server.client.appendToStream(stream, counted(1), { deadline: -1_000 }),
    ).rejects.toThrow(DeadlineExceededError);
    await expectMissing(stream);
    await server.client.appendToStream(stream, counted(1), { deadline: 5_000 });
  });
});

describe(rule('trap-7/clock'), () => {
  afterEach(() => jest.restoreAllMocks());

  it('with the default deadline of 10 s', async () => {
    const stream = `slow-clock-${randomUUID()}`;
    const slow = Date.now() - 15_000;
    jest.spyOn(Date, 'now').mockReturnValue(slow);
    await expect(server.client.appendToStream(stream, counted(1))).rejects.toThrow(
      DeadlineExceededError,
    );
    jest.restoreAllMocks();
    await expectMissing(stream);
  });
});

embeddedOnly('with a server that does not answer', () => {
  const signal = (name: NodeJS.Signals): void => void process.kill(own.engine.pid, name);
  // Before the server is stopped for good.
  afterEach(() => signal('SIGCONT'));
  const own = ownServerForEachTest();
  beforeEach(async () => {
    await own.client.appendToStream('one', counted(1));
    signal('SIGSTOP');
  });

  describe(rule('deadlines/unary'), () => {
    const [, [, unary]] = waysToAppend;
    it.each<[string, () => Promise<unknown>]>([
      ['a delete', () => own.client.deleteStream('one', { deadline: 200 })],
      ['a tombstone', () => own.client.tombstoneStream('one', { deadline: 200 })],
      [
        'a unary append',
        () => own.client.appendToStream('one', counted(1), { ...unary, deadline: 200 }),
      ],
    ])('%s', async (_name, call) => {
      await expect(call()).rejects.toThrow(DeadlineExceededError);
    });
  });

  describe(rule('deadlines/batch'), () => {
    it('is told so once it answers again, and nothing was written', async () => {
      const late = own.client.appendToStream('two', counted(1), { deadline: 50 });
      await expect(own.client.deleteStream('one', { deadline: 100 })).rejects.toThrow(
        DeadlineExceededError,
      );
      signal('SIGCONT');
      await expect(late).rejects.toThrow(DeadlineExceededError);
      await expect(collect(own.client.readStream('two'))).rejects.toThrow(StreamNotFoundError);
    });
  });
});
