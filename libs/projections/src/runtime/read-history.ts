import { backOff } from '@app/config';
import type { EventBatch, EventStore, Position } from '@app/event-store';
import { EventStoreUnavailable, hasReached, readEvents } from '@app/event-store';

/** Failures without an event between them, after which the reading is given up: a few minutes. */
const maxFailures = 20;
const retryCapMs = 15_000;
/** Milliseconds that the event store may say nothing, e.g. while it passes over events of others. */
const silenceMs = 30_000;

export interface HistoryOptions {
  readonly events: EventStore;
  /** Where to stop: the last event that is read is at or before it. Null: where the store ends. */
  readonly until: Position | null;
  /** Events at once at most. */
  readonly maxBatch: number;
  readonly signal: AbortSignal;
  readonly onDrop: (reason: unknown) => void;
}

/**
 * Every event of ours from the first one on, up to a place or to the end. When the event store goes
 * away it goes on after what it has read.
 *
 * @throws EventStoreUnavailable when it stays away for minutes; UnknownEventType; the signal's reason
 */
export async function* readHistory({
  events,
  until,
  maxBatch,
  signal,
  onDrop,
}: HistoryOptions): AsyncGenerator<EventBatch, void> {
  let after: Position | null = null;
  for (let failures = 0; ; failures++) {
    try {
      for await (const batch of readEvents(events, { after, maxBatch, silenceMs, signal })) {
        signal.throwIfAborted();
        failures = 0;
        const wanted = until ? upTo(batch, until) : batch;
        yield wanted;
        if (wanted !== batch) return;
        after = batch.upTo;
      }
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof EventStoreUnavailable) || failures === maxFailures) throw error;
      onDrop(error);
      await backOff(failures, { retryCapMs, signal });
    }
  }
}

/** The batch itself unless it goes beyond the place. */
function upTo(batch: EventBatch, place: Position): EventBatch {
  if (hasReached(place, batch.upTo)) return batch;
  const events = batch.events.filter(({ position }) => hasReached(place, position));
  return { events, upTo: place };
}
