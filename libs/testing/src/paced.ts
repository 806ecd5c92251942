/** What came of work at a steady pace. */
export interface Pace {
  readonly count: number;
  /** What each of them threw. */
  readonly failures: readonly unknown[];
  /** Milliseconds that each of those took that didn't fail. */
  readonly took: readonly number[];
}

/**
 * Does something so many times a second until it is stopped, also while former ones are still under way:
 * as callers do, who don't wait for each other.
 */
export function paced(
  perSecond: number,
  work: (n: number) => Promise<unknown>,
): { stop(): Promise<Pace> } {
  const [failures, took]: [unknown[], number[]] = [[], []];
  const running = new Set<Promise<void>>();
  let count = 0;
  const timer = setInterval(() => {
    const begun = performance.now();
    const one = work(count++)
      .then(
        () => void took.push(performance.now() - begun),
        (error: unknown) => void failures.push(error),
      )
      .finally(() => running.delete(one));
    running.add(one);
  }, 1_000 / perSecond);
  return {
    async stop(): Promise<Pace> {
      clearInterval(timer);
      await Promise.all(running);
      return { count, failures, took };
    },
  };
}
