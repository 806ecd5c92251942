import type { ChannelId, DomainEvent } from '@app/domain';
import type { EventStore } from '@app/event-store';
import { channelStream, disconnectionStream } from '@app/event-store';

/** An event as it stands in its stream; nothing in it is secret. */
export interface HistoryEntry {
  readonly stream: string;
  /** From 0, without gaps in the stream. */
  readonly revision: number;
  /** ISO 8601 UTC, when the store took it. */
  readonly at: string;
  readonly type: DomainEvent['type'];
  readonly actor: string;
  readonly correlationId: string;
  readonly data: DomainEvent['data'];
}

/** All that was recorded of a channel and of its disconnection, in the order of the store. */
export async function historyOf(events: EventStore, id: ChannelId): Promise<HistoryEntry[]> {
  const recorded = [
    ...(await events.read(channelStream(id))),
    ...(await events.read(disconnectionStream(id))),
  ];
  return recorded
    .sort((a, b) => Number(a.position.commit - b.position.commit) || a.revision - b.revision)
    .map(({ stream, revision, recordedAt, event, metadata }) => ({
      stream,
      revision,
      at: recordedAt.toISOString(),
      type: event.type,
      actor: metadata.actor,
      correlationId: metadata.correlationId,
      data: event.data,
    }));
}
