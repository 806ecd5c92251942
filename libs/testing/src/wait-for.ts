import { setTimeout as pause } from 'node:timers/promises';

export interface WaitOptions {
  /** What is waited for, to be said when it never comes. */
  readonly what?: string;
  /** Milliseconds after which it is taken for never coming; far more than a busy machine takes, unless said. */
  readonly withinMs?: number;
  /** Milliseconds between two looks. */
  readonly everyMs?: number;
}

/**
 * The one way to wait in a test: looks again and again until there is something to see. A test
 * never waits for a time to pass.
 *
 * @param look undefined or false: not yet. What it throws is taken for not yet as well, since what
 *   is looked at may be on its way up.
 * @returns what `look` saw
 * @throws Error when it didn't come, with what was seen last
 */
export async function waitFor<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
  { what = 'it', withinMs = 30_000, everyMs = 20 }: WaitOptions = {},
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    let seen: unknown;
    try {
      const value = await look();
      if (value !== undefined && value !== false) return value;
      seen = value;
    } catch (error) {
      seen = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`${what} did not come within ${withinMs} ms; last seen: ${String(seen)}`, {
        cause: seen,
      });
    }
    await pause(everyMs);
  }
}
