import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { EventStoreDBClient, NO_STREAM, streamNameFilter } from '@eventstore/db-client';
import { startServer } from '../../integration/embedded/event-store/running-server';
import { embeddedOnly, rule } from './harness/rule';
import { counted, ownServerForEachTest, serverOfThisFile } from './harness/server';

const server = serverOfThisFile();

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script of traps/ as a process of its own, since a trap may kill it. */
function run(script: string, ...args: (string | number)[]): Promise<Ended> {
  const file = join(__dirname, 'traps', script);
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args.map(String)], (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

embeddedOnly(rule('trap-1/two-appenders'), () => {
  const first = ownServerForEachTest();

  it('so there is one appending client in a process', async () => {
    const second = await startServer();
    const ended = await run(
      'two-appenders.mjs',
      ...[first.engine.url, first.engine.pid, second.engine.url, second.engine.pid],
    );
    await second.remove();
    expect(ended.stdout).toBe('rejected with code 14\n');
    expect(ended.stderr).toMatch(/promiseBank[^]*TypeError: undefined is not iterable/);
    expect(ended.code).toBe(1);
  });
});

describe(rule('trap-2/no-throw'), () => {
  it('so failures are let throw', async () => {
    const url = `${server.url}${server.url.includes('?') ? '&' : '?'}throwOnAppendFailure=false`;
    const client = EventStoreDBClient.connectionString(url);
    const stream = `no-throw-${randomUUID()}`;
    await client.appendToStream(stream, counted(5));
    const result = await client.appendToStream(stream, counted(1), { expectedRevision: NO_STREAM });
    // It is at 4.
    expect(result).toMatchObject({ success: false, nextExpectedRevision: 1n });
    await client.dispose();
  });
});

describe(rule('trap-5/runs-ahead'), () => {
  it('so a position is saved from events, or once they are done', async () => {
    const prefix = `ahead-${randomUUID()}`;
    const { position } = await server.client.appendToStream(`${prefix}-start`, counted(1));
    let last: bigint | undefined;
    for (let n = 0; n < 10; n += 1) {
      const appended = await server.client.appendToStream(`${prefix}-1`, counted(1, n));
      last = appended.position!.commit;
    }
    let checkpoint = 0n;
    const filter = streamNameFilter({
      prefixes: [prefix],
      maxSearchWindow: 1,
      checkpointReached: async (_, { commit }) => void (checkpoint = commit),
    });
    // Nobody takes an event from it.
    const subscription = server.client.subscribeToAll({ filter, fromPosition: position! });
    await once(subscription, 'caughtUp');
    expect(checkpoint).toBeGreaterThanOrEqual(last!);
    expect(subscription.readableLength).toBe(10);
    await subscription.unsubscribe();
  });
});

describe(rule('trap-5/exception'), () => {
  it('so nothing may escape from it', async () => {
    const ended = await run('throwing-checkpoint.mjs', server.url, `throws-${randomUUID()}`);
    expect(JSON.parse(ended.stdout)).toEqual({
      events: expect.any(Number) as number,
      errors: 0,
      rejections: ['It threw'],
      there: 5,
    });
    const { events } = JSON.parse(ended.stdout) as { events: number };
    expect(events).toBeLessThan(5);
  });
});
