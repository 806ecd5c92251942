import type { EventBatch } from './event-batch';
import { batchesOf, isAhead } from './event-batch';
import type { EventStore } from './event-store';
import { unavailable } from './event-store.errors';
import type { ReadAnswer } from './reading/read-answer';
import { ReadCall } from './reading/read-call';
import { allOfThem } from './reading/read-request';
import type { Position } from './recorded-event';

export interface ReadEventsOptions {
  /** Where the reader has come to; null for the beginning. */
  readonly after: Position | null;
  /** Events in a batch at most. */
  readonly maxBatch: number;
  /**
   * Milliseconds without an event after which the link counts as broken. The store says nothing
   * while it passes over events of others.
   */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/**
 * Our events of `$all` after a position, once, up to where `$all` ends when it begins: the last
 * batch is up to there. None when it ends where the reader is.
 *
 * @throws EventStoreUnavailable when the link breaks or falls silent: begin anew after the last batch
 * @throws UnknownEventType
 * @throws the signal's reason
 */
export async function* readEvents(
  store: EventStore,
  { after, maxBatch, silenceMs, signal }: ReadEventsOptions,
): AsyncGenerator<EventBatch, void> {
  const end = await store.endOfAll();
  if (end === null || !isAhead(end, after)) return;
  // The leader again: a follower may not have come to that end yet.
  const options = { maxWaiting: maxBatch, requiresLeader: true, signal };
  const read = { from: after ?? 'start', onlyOurs: true, count: allOfThem } as const;
  const call = new ReadCall(store.client, read, options);
  try {
    let upTo = after;
    for (let ended = false; !ended;) {
      const answers = await call.next(silenceMs).catch(unavailable);
      signal.throwIfAborted();
      const wanted = answers?.filter((answer) => !isBeyond(answer, end)) ?? [];
      ended = answers === null || wanted.length < answers.length;
      for (const batch of batchesOf(wanted, upTo)) {
        yield batch;
        upTo = batch.upTo;
      }
    }
    if (isAhead(end, upTo)) yield { events: [], upTo: end };
  } finally {
    call.close();
  }
}

/** Appended since the read began: a busy store would never let it end. */
function isBeyond({ event }: ReadAnswer, end: Position): boolean {
  return event !== undefined && isAhead(event.position, end);
}
