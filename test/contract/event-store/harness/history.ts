import type { AllStreamRecordedEvent, EventStoreDBClient, Position } from '@eventstore/db-client';

/** What all holds of some streams, from a position on: also what their reads don't show any more. */
export async function eventsOfAll(
  client: EventStoreDBClient,
  fromPosition: Position,
  streams: readonly string[],
): Promise<AllStreamRecordedEvent[]> {
  const events: AllStreamRecordedEvent[] = [];
  for await (const { event } of client.readAll({ fromPosition })) {
    if (event && streams.includes(event.streamId)) events.push(event);
  }
  return events;
}
