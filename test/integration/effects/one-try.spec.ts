import { freePort, useTestBed, waitFor } from '@app/testing';
import type { EffectsUnderTest } from './effects-under-test';
import { effectsUnderTest, patience, workOf } from './effects-under-test';
import { announcement, cachedRows, disconnectedChannel, insideTheFence } from './given';

const bed = useTestBed({ patient: true });
let effects: EffectsUnderTest;
beforeAll(async () => {
  await bed.createTopics();
  effects = await effectsUnderTest(bed);
});

/** Until the server has ended that connection. */
async function ended(pid: number): Promise<void> {
  await waitFor(async () => {
    const alive = await effects.dataSource.manager.query<unknown[]>(
      'SELECT FROM pg_stat_activity WHERE pid = $1',
      [pid],
    );
    return alive.length === 0;
  });
}

it('given a process that is killed while it waits for a writer, then the work is free before the writer has left', async () => {
  const channelId = await disconnectedChannel(effects);
  await effects.inbox.receive('comments-purge', announcement(channelId));
  const writer = await insideTheFence(effects, channelId);
  const killed = await bed.startRole('subscribers', await bed.environment());
  const connection = await writer.holdsUp();
  await killed.kill();
  await ended(connection);
  await writer.leave();
});

it('given a process that stands still in the middle of a try, then another one does the work, and the first does nothing more when it goes on', async () => {
  const channelId = await disconnectedChannel(effects);
  await cachedRows(effects, channelId, 3);
  const work = { effect: 'comments-purge', channelId } as const;
  await effects.inbox.receive('comments-purge', announcement(channelId));
  const writer = await insideTheFence(effects, channelId);
  // The server waits for that long until it ends a silent connection; a busy machine takes a second for a step.
  const quick = { WORK_STATEMENT_MS: '4000', STORE_TIMEOUT_MS: '500', RETRY_CAP_MS: '50' };
  const silent = await bed.startRole('subscribers', await bed.environment(quick));
  const connection = await writer.holdsUp();
  process.kill(silent.pid, 'SIGSTOP');
  await writer.leave();

  await effects.worker.run(work, patience);
  expect(await workOf(effects, channelId, 'comments-purge')).toMatchObject({
    state: 'pending',
    attempts: 1,
  });
  await ended(connection);
  await effects.worker.run(work, patience);
  const done = { counts: { deleted: 3 }, attempts: 2 };
  expect(await workOf(effects, channelId, 'comments-purge')).toEqual({ state: 'done', ...done });

  process.kill(silent.pid, 'SIGCONT');
  await waitFor(() => silent.output().includes('effect will be tried again'));
  // Other jobs of it go on: it may have recorded by now what the other one did.
  expect(await workOf(effects, channelId, 'comments-purge')).toMatchObject(done);
  await silent.stop();
});

it('given an event store that is away, then a try that waits for it keeps its connection, however long that takes', async () => {
  const waiting = await effectsUnderTest(bed, {
    eventstoreUrl: `esdb://127.0.0.1:${await freePort()}?tls=false`,
    storeTimeoutMs: 100,
    retryCapMs: 50,
  });
  const channelId = await disconnectedChannel(effects);
  const work = { effect: 'comments-purge', channelId } as const;
  await effects.inbox.receive('comments-purge', announcement(channelId));
  const stop = new AbortController();
  const underWay = waiting.worker.run(work, { ...patience, signal: stop.signal });

  const holder = async () => {
    const [lock] = await effects.dataSource.manager.query<{ pid: number; last: Date }[]>(
      `SELECT activity.pid, query_start AS last FROM pg_locks JOIN pg_stat_activity activity USING (pid)
        WHERE datname = current_database() AND locktype = 'advisory' AND granted
          AND state = 'idle' AND query = 'SELECT'`,
    );
    return lock;
  };
  const { pid, last } = await waitFor(holder);
  // It says something again and again, or the server would end the connection.
  const heard = new Set([last.getTime()]);
  await waitFor(async () => {
    const now = (await holder())!;
    expect(now.pid).toBe(pid);
    return heard.add(now.last.getTime()).size > 5;
  });
  stop.abort();
  await underWay;
  expect(await workOf(effects, channelId, 'comments-purge')).toMatchObject({
    state: 'pending',
    attempts: 1,
  });
});
