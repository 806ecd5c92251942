import { setTimeout as wait } from 'node:timers/promises';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

/**
 * Milliseconds that a change of views waits for a lock, with every reader behind it: then it lets them
 * pass and tries again.
 */
const lockTimeoutMs = 50;

/** Milliseconds after which the server ends such a transaction that goes on no longer. */
const abandonedMs = 2_000;

/** PostgreSQL: lock_not_available, deadlock_detected. */
const lockedOut: readonly unknown[] = ['55P03', '40P01'];

/** Somebody else is at work on the same projection. */
export class ProjectionBusy extends Error {
  constructor(projection: string) {
    super(
      `Somebody else replays, swaps or prunes ${projection} at this moment: wait for it to end`,
    );
    this.name = 'ProjectionBusy';
  }
}

/** What a change of views waits for didn't come in time. */
export class NotInTime extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotInTime';
  }
}

/**
 * Does something to a projection's generations while nobody else does, on a connection of its own. The
 * lock is the connection's: it goes with the process, however that ends.
 *
 * @throws ProjectionBusy
 */
export async function alone<T>(
  dataSource: DataSource,
  projection: string,
  work: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  const runner = dataSource.createQueryRunner();
  const key = [`postbreeze:generations:${projection}`];
  try {
    const [lock] = await runner.manager.query<{ held: boolean }[]>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held',
      key,
    );
    if (!lock!.held) throw new ProjectionBusy(projection);
    try {
      return await work(runner);
    } finally {
      // A connection that is lost has lost the lock, too; why the work failed matters more.
      await runner
        .query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', key)
        .catch(() => undefined);
    }
  } finally {
    await runner.release();
  }
}

export interface Attempts {
  /** Milliseconds after which it is given up. */
  readonly withinMs: number;
  readonly signal: AbortSignal;
  /** What to tell then. */
  readonly late: string;
}

/**
 * Runs a transaction that waits for no lock longer than a moment, again and again until it got them all.
 *
 * @param attempt false when something isn't as it has to be yet: nothing of it is kept
 * @throws NotInTime; the signal's reason
 */
export async function withoutBlocking(
  dataSource: DataSource,
  { withinMs, signal, late }: Attempts,
  attempt: (manager: EntityManager) => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    signal.throwIfAborted();
    if (await tryOnce(dataSource, attempt)) return;
    if (performance.now() > deadline) throw new NotInTime(late);
    await wait(20 + 80 * Math.random());
  }
}

async function tryOnce(
  dataSource: DataSource,
  attempt: (manager: EntityManager) => Promise<boolean>,
): Promise<boolean> {
  const notYet = new Error('not yet');
  try {
    await dataSource.transaction(async (manager) => {
      // Locks are the connection's: a process that is stopped in here, or whose network is gone, would
      // hold up readers and the projector until somebody finds out.
      await manager.query(
        `SET LOCAL lock_timeout = '${lockTimeoutMs}ms';
         SET LOCAL idle_in_transaction_session_timeout = '${abandonedMs}ms';
         SET LOCAL statement_timeout = '${abandonedMs}ms'`,
      );
      if (!(await attempt(manager))) throw notYet;
    });
    return true;
  } catch (error) {
    if (error === notYet || lockedOut.includes((error as { code?: unknown }).code)) return false;
    throw error;
  }
}
