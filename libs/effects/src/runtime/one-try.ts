import type { DataSource, EntityManager } from 'typeorm';
import type { Settings } from '@app/config';
import { linesOf } from '@app/observability';
import type { Work } from './work';

const say = linesOf('effects');

/**
 * Lets one try at a time be under way for each work, whoever asks: tries are counted when they begin, so
 * that one which kills its process counts, and a try beside another would count for one that died. Not for
 * the revocation of a grant, which is given up by its hour and not by its tries.
 *
 * The lock is the connection's, since a try rests between its transactions. It goes with the process,
 * however that ends, within a second also while a statement of it waits for somebody; of a process that stands
 * still, or whose network is gone, the server ends the connection once it has been silent for too long.
 * Whoever has lost the lock has lost the connection with it, and can't do another batch.
 *
 * @param attempt does all of it over the manager that it is given, and says something on it before the
 *   limit is over, however long it waits for others
 * @returns false when another try is under way: nothing was done
 */
export async function inOneTry(
  dataSource: DataSource,
  { effect, channelId }: Work,
  silentMs: number,
  attempt: (manager: EntityManager) => Promise<void>,
): Promise<boolean> {
  const runner = dataSource.createQueryRunner();
  const key = `postbreeze:try:${effect}:${channelId}`;
  try {
    // These stay with the connection: the pool itself ends an idle one sooner.
    const [lock] = await runner.manager.query<{ held: boolean }[]>(
      `SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held,
              set_config('idle_session_timeout', $2, false),
              set_config('client_connection_check_interval', '1s', false)`,
      [key, `${silentMs}ms`],
    );
    if (!lock!.held) return false;
    try {
      await attempt(runner.manager);
    } finally {
      await unlock(runner.manager, key).then(
        (wasHeld) => wasHeld || say('the lock of a try is somewhere else', { effect, channelId }),
        // A connection that is lost has lost the lock, too; why the try failed matters more.
        () => undefined,
      );
    }
    return true;
  } finally {
    await runner.release();
  }
}

/** Whether it was this session's, as it is unless a pooler deals sessions out by transaction. */
async function unlock(manager: EntityManager, key: string): Promise<boolean> {
  const [lock] = await manager.query<{ held: boolean }[]>(
    'SELECT pg_advisory_unlock(hashtextextended($1, 0)) AS held',
    [key],
  );
  return lock!.held;
}

/** Milliseconds of silence that a try which works doesn't reach: it waits for one answer of the event store at most. */
export function silentMsOf({ workStatementMs, storeTimeoutMs, retryCapMs }: Settings): number {
  return workStatementMs + storeTimeoutMs + retryCapMs;
}
