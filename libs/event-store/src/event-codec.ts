import { randomUUID } from 'node:crypto';
import type { JSONEventData, ResolvedEvent } from '@eventstore/db-client';
import { jsonEvent } from '@eventstore/db-client';
import type { DomainEvent, DomainEventType } from '@app/domain';
import { domainEventTypes } from '@app/domain';
import { UnknownEventType } from './event-store.errors';
import type { EventContext, EventMetadata, RecordedEvent } from './recorded-event';

/** The version that each type is written in; a higher one than known here is refused on read. */
const schemaVersions: Readonly<Record<DomainEventType, number>> = {
  ChannelConnected: 1,
  ChannelReauthorized: 1,
  ChannelTokenRefreshed: 1,
  ChannelTokenRefreshFailed: 1,
  ChannelAccessRevoked: 1,
  ChannelDisconnected: 1,
  ConnectAbandoned: 1,
  EffectFinished: 1,
  EffectParked: 1,
  DisconnectionOverdue: 1,
  DisconnectionCompleted: 1,
};

/** A domain event as the client appends it, with an id of its own. */
export function encodeEvent(event: DomainEvent, context: EventContext): JSONEventData {
  return jsonEvent({
    id: randomUUID(),
    type: event.type,
    data: event.data as unknown as Record<string, unknown>,
    metadata: { ...context, schemaVersion: schemaVersions[event.type] },
  });
}

/** An event as a reader hands it over, of whatever type. */
export interface StoredEvent extends Omit<RecordedEvent, 'event' | 'metadata'> {
  readonly type: string;
  /** Parsed, or whatever it is if it isn't JSON. */
  readonly data: unknown;
  readonly metadata: unknown;
}

/**
 * A domain event as it was recorded.
 *
 * @throws UnknownEventType for a type, or a version of one, that is not known here
 */
export function decodeStored(stored: StoredEvent): RecordedEvent {
  const { type, data, stream } = stored;
  const metadata = stored.metadata as EventMetadata | undefined;
  if (!isKnown(type, metadata?.schemaVersion) || !isObject(data)) {
    throw new UnknownEventType(`${type} v${metadata?.schemaVersion}`, stream);
  }
  // Field by field: a rebuild comes by here millions of times, and a spread takes several times as long.
  return {
    id: stored.id,
    stream,
    revision: stored.revision,
    position: stored.position,
    recordedAt: stored.recordedAt,
    event: { type, data } as unknown as DomainEvent,
    metadata: metadata!,
  };
}

/**
 * The same, as the official client hands it out.
 *
 * @throws UnknownEventType
 */
export function decodeEvent({ event, commitPosition }: ResolvedEvent): RecordedEvent {
  if (!event) throw new Error('A link without its event: only plain streams are read here');
  const commit = commitPosition ?? event.position?.commit ?? 0n;
  return decodeStored({
    id: event.id,
    stream: event.streamId,
    revision: Number(event.revision),
    position: { commit, prepare: event.position?.prepare ?? commit },
    recordedAt: event.created,
    type: event.type,
    data: event.data,
    metadata: event.metadata,
  });
}

function isKnown(type: string, version: number | undefined): boolean {
  return (
    (domainEventTypes as readonly string[]).includes(type) &&
    version !== undefined &&
    version <= schemaVersions[type as DomainEventType]
  );
}

/** What another service may have put there as bytes or text is no event of ours. */
function isObject(data: unknown): boolean {
  return typeof data === 'object' && data !== null && !(data instanceof Uint8Array);
}
