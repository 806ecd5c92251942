import type { EventStore } from '@app/event-store';
import { hasReached, readEvents } from '@app/event-store';
import type { Checkpoint } from '@app/persistence';

/** How far somebody is behind the last event of ours; all zero when caught up, however long ago that was. */
export interface Lag {
  /** Events that aren't applied yet. */
  readonly events: number;
  /** Whether they were counted to the end; there are more of them otherwise. */
  readonly counted: boolean;
  /** Between the last event that was applied and the last one that stands in the store. */
  readonly seconds: number;
}

/** Milliseconds that a read may say nothing. */
const silenceMs = 10_000;

const none: Lag = { events: 0, counted: true, seconds: 0 };

/**
 * Counts what lies between a checkpoint and the end of the store: positions aren't dense, so they are
 * read.
 *
 * @param countForMs milliseconds that the counting may take
 * @throws EventStoreUnavailable
 */
export async function lagOf(
  events: EventStore,
  checkpoint: Checkpoint | null,
  countForMs = 1_000,
): Promise<Lag> {
  const last = await events.lastEvent();
  if (!last || (checkpoint && hasReached(checkpoint.position, last.position))) return none;
  const since = checkpoint?.event?.recordedAt;
  const { first, ...counted } = await countWaiting(events, checkpoint, countForMs);
  return {
    ...counted,
    seconds: secondsBetween(since ?? first ?? last.recordedAt, last.recordedAt),
  };
}

/** What lies behind a checkpoint, as far as it was counted. */
export interface Waiting {
  readonly events: number;
  /** Whether they were counted to the end. */
  readonly counted: boolean;
  /** When the first of them was recorded; undefined when there is none. */
  readonly first: Date | undefined;
}

/**
 * Counts the events of ours behind a checkpoint by reading them.
 *
 * @param forMs milliseconds that it may take
 * @param upTo about how many are counted at most
 * @throws EventStoreUnavailable
 */
export async function countWaiting(
  events: EventStore,
  checkpoint: Checkpoint | null,
  forMs: number,
  upTo = Infinity,
): Promise<Waiting> {
  const until = performance.now() + forMs;
  let [found, first]: [number, Date | undefined] = [0, undefined];
  const { signal } = new AbortController();
  const after = checkpoint?.position ?? null;
  for await (const batch of readEvents(events, { after, maxBatch: 1_000, silenceMs, signal })) {
    found += batch.events.length;
    first ??= batch.events[0]?.recordedAt;
    if (performance.now() > until || found >= upTo) return { events: found, counted: false, first };
  }
  return { events: found, counted: true, first };
}

function secondsBetween(earlier: Date, later: Date): number {
  return Math.max(0, (later.getTime() - earlier.getTime()) / 1_000);
}
