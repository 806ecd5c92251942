import type { StoredEvent } from './event-codec';
import { decodeStored } from './event-codec';
import type { ReadAnswer, EncodedEvent } from './reading/read-answer';
import type { Position, RecordedEvent } from './recorded-event';
import { hasReached } from './recorded-event';

/** What a reader of `$all` is handed at a time. */
export interface EventBatch {
  /** In their order; none when only the place has moved on, past events of others. */
  readonly events: readonly RecordedEvent[];
  /**
   * The place in `$all` up to which every event of ours has been handed out, this batch included:
   * reading goes on after it. It needn't be an event's.
   */
  readonly upTo: Position;
}

/** Whether a place lies behind where a reader has come to; null is the beginning. */
export function isAhead(place: Position, of: Position | null): boolean {
  return of === null || !hasReached(of, place);
}

/**
 * What has arrived, as a batch; none when the reader is where it was. Places are taken with the
 * events in their order, so that none runs ahead of an event that is still to come.
 *
 * @throws UnknownEventType, after a batch of what came before it
 */
export function* batchesOf(
  answers: readonly ReadAnswer[],
  after: Position | null,
): Generator<EventBatch, void> {
  const events: RecordedEvent[] = [];
  let upTo = after;
  try {
    for (const { event, checkpoint } of answers) {
      const place = event?.position ?? checkpoint;
      // A read includes the place that it starts from, and checkpoints are repeated.
      if (!place || !isAhead(place, upTo)) continue;
      if (event) events.push(decodeStored(parsed(event)));
      upTo = place;
    }
  } finally {
    if (upTo !== null && upTo !== after) yield { events, upTo };
  }
}

function parsed(stored: EncodedEvent): StoredEvent {
  return {
    id: stored.id,
    stream: stored.stream,
    revision: stored.revision,
    position: stored.position,
    recordedAt: stored.recordedAt,
    type: stored.type,
    data: jsonOf(stored.data),
    metadata: jsonOf(stored.metadata),
  };
}

/** @returns undefined for what is no JSON: others may have written it */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
