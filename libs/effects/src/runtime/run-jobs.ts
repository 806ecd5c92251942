import { setTimeout as wait } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Runner, TaskList } from 'graphile-worker';
import { run } from 'graphile-worker';
import type { Pool } from 'pg';
import type { Patience } from '@app/config';
import { backOff } from '@app/config';
import { jobLogger } from './job-logger';
import { openWorkerPool } from './worker-pool';

export interface JobsOptions extends Patience {
  readonly databaseUrl: string;
  readonly connectTimeoutMs: number;
  /** Jobs that run at the same time. */
  readonly concurrency: number;
  readonly tasks: TaskList;
  /** In crontab's form. */
  readonly crontab: string;
  /** Runs each time before jobs are taken; when it throws, it's tried again. */
  readonly beforeStart: () => Promise<void>;
}

/** A job that takes longer to end is left: its worker is gone, its lock is the sweep's to clear. */
const stopWithinMs = 1_500;

/**
 * Takes and runs jobs until the signal. graphile-worker gives up when it can't reach the database to
 * say how a job ended, so it is started again, for ever.
 */
export async function runJobs(options: JobsOptions): Promise<void> {
  const logger = new Logger('jobs');
  // A small pool beside TypeORM's: one connection listens for its whole life, and jobs must be taken
  // and given back also while effects hold every connection of the other one in long transactions.
  const pool = openWorkerPool(options.databaseUrl, { ...options, max: options.concurrency + 1 });
  try {
    for (let failures = 0; !options.signal.aborted; failures++) {
      try {
        await serve(options, pool, () => (failures = 0));
        if (!options.signal.aborted) logger.warn('a job could not be given back: starting again');
      } catch (error) {
        logger.warn({ err: error }, 'PostgreSQL is away: no job is taken');
      }
      await backOff(failures, options);
    }
  } finally {
    await pool.end();
  }
}

async function serve(options: JobsOptions, pool: Pool, onStart: () => void): Promise<void> {
  const { tasks, crontab, concurrency, signal } = options;
  await options.beforeStart();
  const runner = await run({
    pgPool: pool,
    taskList: tasks,
    crontab,
    concurrency,
    noHandleSignals: true,
    logger: jobLogger,
    // Unbatched, it neither awaits nor catches what says how a job has ended: while PostgreSQL is
    // away that is an unhandled rejection, which ends the process.
    preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
  });
  onStart();
  await untilStopped(runner, signal);
}

/** Returns when the runner has stopped, by the signal or by itself. */
async function untilStopped(runner: Runner, signal: AbortSignal): Promise<void> {
  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping ??= stopOrKill(runner);
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    await runner.promise;
  } finally {
    signal.removeEventListener('abort', stop);
    await stopping;
  }
}

async function stopOrKill(runner: Runner): Promise<void> {
  const inTime = new AbortController();
  const late = wait(stopWithinMs, true, { signal: inTime.signal }).catch(() => false);
  const stopped = runner
    .stop()
    .catch(() => undefined)
    .then(() => inTime.abort());
  if (await late) await runner.kill().catch(() => undefined);
  else await stopped;
}
