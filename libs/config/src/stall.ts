import { setTimeout as wait } from 'node:timers/promises';
import { within } from './within';

/** How far a subscriber has come with one thing that it follows. */
export interface Progress {
  /** What is followed, e.g. a partition. */
  readonly place: string;
  /** Where it has come to: an offset, a position. */
  readonly at: string;
  /** Whether there is something behind that place that it should deal with. */
  readonly waiting: boolean;
}

/** Something waits, every engine answers, and nothing moves: only a new process helps. */
export class Stalled extends Error {
  constructor(name: string, { place, at }: Progress, forMs: number) {
    super(
      `The ${name} has stood still at ${at} of ${place} for ${Math.round(forMs / 1_000)} s, with ` +
        'work waiting, although every engine answers',
    );
    this.name = 'Stalled';
  }
}

/** Tells standing still from being idle and from being held up by an engine. */
export class StallWatch {
  private readonly seen = new Map<string, { readonly at: string; readonly since: number }>();

  /** @param now milliseconds of a clock that never goes back */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** An engine didn't answer: whatever stands still may do so because of it. */
  reset(): void {
    this.seen.clear();
  }

  /**
   * @param progress all that is followed at this moment; what isn't named any more is forgotten
   * @returns what has stood still with work waiting the longest, and for how many milliseconds
   */
  observe(progress: readonly Progress[]): { progress: Progress; forMs: number } | undefined {
    const now = this.now();
    const before = new Map(this.seen);
    this.seen.clear();
    let longest: { progress: Progress; forMs: number } | undefined;
    for (const one of progress.filter(({ waiting }) => waiting)) {
      const known = before.get(one.place);
      const since = known?.at === one.at ? known.since : now;
      this.seen.set(one.place, { at: one.at, since });
      const forMs = now - since;
      if (!longest || forMs > longest.forMs) longest = { progress: one, forMs };
    }
    return longest;
  }
}

export interface StallOptions {
  /** Who is watched, in the words of an operator. */
  readonly name: string;
  /** Milliseconds without a move. */
  readonly stallAfterMs: number;
  /** Asks every engine that the work needs; rejects when one doesn't answer. */
  readonly observe: () => Promise<readonly Progress[]>;
  readonly signal: AbortSignal;
}

/**
 * Watches until the signal.
 *
 * @throws Stalled
 */
export async function watchForStall({
  name,
  stallAfterMs,
  observe,
  signal,
}: StallOptions): Promise<void> {
  const everyMs = stallAfterMs / 6;
  const watch = new StallWatch();
  while (!signal.aborted) {
    await wait(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    // What answers, but takes so long, holds the work up as well.
    const progress = await within(2 * everyMs, observe()).catch(() => undefined);
    if (!progress) watch.reset();
    const longest = progress && watch.observe(progress);
    if (longest && longest.forMs >= stallAfterMs) {
      throw new Stalled(name, longest.progress, longest.forMs);
    }
  }
}

/**
 * Awaits work that may stop moving without ever failing.
 *
 * @throws Stalled; the work hangs on then, and its process has to end
 */
export async function unlessStalled<T>(work: Promise<T>, options: StallOptions): Promise<T> {
  const done = new AbortController();
  const signal = AbortSignal.any([options.signal, done.signal]);
  const stalled = watchForStall({ ...options, signal }).then(() => work);
  try {
    return await Promise.race([work, stalled]);
  } finally {
    done.abort();
    stalled.catch(() => undefined);
  }
}
