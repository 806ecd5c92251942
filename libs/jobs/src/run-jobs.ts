import { EventEmitter } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Runner, WorkerEvents } from 'graphile-worker';
import { run } from 'graphile-worker';
import type { Pool } from 'pg';
import type { Patience } from '@app/config';
import { backOff } from '@app/config';
import { linesOf, Outage } from '@app/observability';
import { jobLogger } from './job-logger';
import type { Tasks } from './tasks';
import { openWorkerPool } from './worker-pool';

export interface JobsOptions extends Patience {
  readonly databaseUrl: string;
  readonly connectTimeoutMs: number;
  /** Jobs that run at the same time. */
  readonly concurrency: number;
  readonly tasks: Tasks;
  /** In crontab's form. */
  readonly crontab: string;
  /** Runs each time before jobs are taken; when it throws, it's tried again. */
  readonly beforeStart: () => Promise<void>;
}

const say = linesOf('jobs');

/** A job that takes longer to end is left: its worker is gone, its lock is the sweep's to clear. */
const stopWithinMs = 1_500;

/**
 * Takes and runs jobs until the signal. graphile-worker gives up when it can't reach the database to
 * say how a job ended, and may never finish giving up: so it is left behind then, with its
 * connections, and started again, for ever.
 */
export async function runJobs(options: JobsOptions): Promise<void> {
  const outage = new Outage(
    (err) => say('jobs interrupted', { err }),
    (recovery) => say('jobs resumed', recovery),
  );
  for (let failures = 0; !options.signal.aborted; failures++) {
    // A small pool beside TypeORM's: one connection listens for its whole life, and jobs must be
    // taken and given back also while tasks hold every connection of the other one for long.
    const max = options.concurrency + 1;
    const { pool, close } = openWorkerPool(options.databaseUrl, { ...options, max });
    try {
      await serve(options, pool, () => {
        failures = 0;
        outage.over();
      });
      if (!options.signal.aborted) outage.failed(new Error('a job could not be given back'));
    } catch (error) {
      outage.failed(error);
    } finally {
      await close();
    }
    await backOff(failures, options);
  }
}

async function serve(options: JobsOptions, pool: Pool, onStart: () => void): Promise<void> {
  const { tasks, crontab, concurrency, signal } = options;
  await options.beforeStart();
  const events: WorkerEvents = new EventEmitter();
  const givingUp = new Promise<void>((resolve) => {
    for (const event of endings) events.once(event, () => resolve());
  });
  const runner = await run({
    pgPool: pool,
    taskList: { ...tasks },
    crontab,
    concurrency,
    noHandleSignals: true,
    logger: jobLogger,
    events,
    // Unbatched, it neither awaits nor catches what says how a job has ended: while PostgreSQL is
    // away that is an unhandled rejection, which ends the process.
    preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
  });
  onStart();
  await untilStopped(runner, givingUp, signal);
}

/** What it says before it ends, by our wish or its own. */
const endings = ['pool:gracefulShutdown', 'pool:forcefulShutdown', 'stop'] as const;

/** Returns when the runner has stopped, by the signal or by itself, or should have by now. */
async function untilStopped(
  runner: Runner,
  givingUp: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const stopped = runner.promise.catch(() => undefined);
  const stop = (): void => void runner.stop().catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    await Promise.race([stopped, givingUp]);
    if (!(await within(stopWithinMs, stopped))) {
      await within(
        stopWithinMs,
        runner.kill().catch(() => undefined),
      );
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Whether it came in time. */
async function within(ms: number, coming: Promise<unknown>): Promise<boolean> {
  const inTime = new AbortController();
  const late = wait(ms, false, { signal: inTime.signal }).catch(() => false);
  const came = await Promise.race([coming.then(() => true), late]);
  inTime.abort();
  return came;
}
