import { setTimeout as wait } from 'node:timers/promises';

/** Milliseconds; the first wait is at most this long. */
const firstMs = 100;

/** How somebody waits for an engine that is away. */
export interface Patience {
  /** Milliseconds between two tries at most. */
  readonly retryCapMs: number;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

/**
 * Milliseconds to wait after so many failures in a row: exponential with full jitter, so that many
 * who wait for the same engine don't come back at once.
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export function backOffMs(failures: number, capMs: number): number {
  return Math.random() * Math.min(capMs, firstMs * 2 ** Math.min(failures, 16));
}

/** Waits longer with each failure; not at all once the signal is given. */
export async function backOff(failures: number, { retryCapMs, signal }: Patience): Promise<void> {
  await wait(backOffMs(failures, retryCapMs), undefined, { signal }).catch(() => undefined);
}
