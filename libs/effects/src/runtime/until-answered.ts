import { setTimeout as wait } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { EventStoreUnavailable } from '@app/event-store';

export interface Patience {
  /** Milliseconds between two tries at most. */
  readonly retryCapMs: number;
  /** Gives up, by throwing its reason. */
  readonly signal: AbortSignal;
}

const logger = new Logger('effects');

/**
 * Asks the event store until it answers. An engine that is away is waited for here and not by the
 * job's back-off, which would go on for an hour after an outage of an hour.
 *
 * @param ask must be safe to repeat
 */
export async function untilAnswered<T>(ask: () => Promise<T>, patience: Patience): Promise<T> {
  for (let failures = 0; ; failures++) {
    patience.signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof EventStoreUnavailable)) throw error;
      if (failures === 0) logger.warn({ err: error }, 'waiting for the event store');
      await pause(failures, patience);
    }
  }
}

/** Waits longer with each failure, with full jitter; not at all once the signal is given. */
export async function pause(failures: number, { retryCapMs, signal }: Patience): Promise<void> {
  const ceiling = Math.min(retryCapMs, 100 * 2 ** Math.min(failures, 16));
  await wait(Math.random() * ceiling, undefined, { signal }).catch(() => undefined);
}
