import type { DomainEvent } from '@app/domain';

/** Where an event stands in `$all`: grows, isn't dense, and means nothing else. */
export interface Position {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** Whether a place in `$all` is at least as far as another one. */
export function hasReached(place: Position, other: Position): boolean {
  return (
    place.commit > other.commit || (place.commit === other.commit && place.prepare >= other.prepare)
  );
}

/** Who and what caused an event. */
export interface EventContext {
  /** The same for everything that follows from one request. */
  readonly correlationId: string;
  /** The request or the event that led to it directly. */
  readonly causationId: string;
  /** Opaque id of a user, or the name of the process that acted by itself. */
  readonly actor: string;
}

/** What is stored beside an event's data. */
export interface EventMetadata extends EventContext {
  readonly schemaVersion: number;
  /**
   * The span that it was appended in, as W3C trace context writes it; none unless that was recorded. What
   * follows from the event goes on with its trace. Anybody can have written it: it decides nothing.
   */
  readonly traceparent?: string;
}

/** A domain event as it was read back from its stream. */
export interface RecordedEvent<E extends DomainEvent = DomainEvent> {
  /** UUID; the CloudEvents id of the message that follows from it. */
  readonly id: string;
  readonly stream: string;
  /** From 0, without gaps in the stream. */
  readonly revision: number;
  readonly position: Position;
  readonly recordedAt: Date;
  readonly event: E;
  readonly metadata: EventMetadata;
}

/** Which event stands where, and since when. */
export type RecordedPlace = Pick<RecordedEvent, 'id' | 'position' | 'recordedAt'>;
