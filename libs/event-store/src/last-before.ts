import { jsonOf } from './event-batch';
import type { EventStore } from './event-store';
import { unavailable } from './event-store.errors';
import type { EncodedEvent } from './reading/read-answer';
import { ReadCall } from './reading/read-call';
import { allOfThem } from './reading/read-request';
import type { EventMetadata, RecordedPlace } from './recorded-event';

/** Answers that may wait: few, since the reading most often ends with one of the first. */
const maxWaiting = 100;

/**
 * The last event of ours that the store took before a time, looked for from the end on; null when
 * there is none.
 *
 * @param passedOver how the correlation ids begin of events that are no answer, whenever they were taken
 * @throws EventStoreUnavailable
 */
export async function lastEventBefore(
  store: EventStore,
  time: Date,
  passedOver: string,
): Promise<RecordedPlace | null> {
  const read = { from: 'end', direction: 'backwards', onlyOurs: true, count: allOfThem } as const;
  const { signal } = new AbortController();
  const call = new ReadCall(store.client, read, { maxWaiting, requiresLeader: true, signal });
  try {
    for (;;) {
      const answers = await call.next().catch(unavailable);
      if (answers === null) return null;
      const found = answers.find(
        ({ event }) => event && event.recordedAt < time && !isOneOf(event, passedOver),
      )?.event;
      if (found) return found;
    }
  } finally {
    call.close();
  }
}

function isOneOf({ metadata }: EncodedEvent, passedOver: string): boolean {
  const { correlationId } = (jsonOf(metadata) ?? {}) as Partial<EventMetadata>;
  return correlationId?.startsWith(passedOver) ?? false;
}
