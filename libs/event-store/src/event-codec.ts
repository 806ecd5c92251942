import { randomUUID } from 'node:crypto';
import type { JSONEventData, ResolvedEvent } from '@eventstore/db-client';
import { jsonEvent } from '@eventstore/db-client';
import type { DomainEvent } from '@app/domain';
import { UnknownEventType } from './event-store.errors';
import type { EventMetadata, RecordedEvent } from './recorded-event';
import type { EventData, Upcasters } from './upcasters';
import { upcasters } from './upcasters';

/** An event as a reader hands it over, of whatever type. */
export interface StoredEvent extends Omit<RecordedEvent, 'event' | 'metadata'> {
  readonly type: string;
  /** Parsed, or whatever it is if it isn't JSON. */
  readonly data: unknown;
  readonly metadata: unknown;
}

/** Metadata but for what the codec knows itself. */
export type GivenMetadata = Omit<EventMetadata, 'schemaVersion'>;

/** What the domain knows, and what the store holds, in whichever version it was recorded. */
export class EventCodec {
  private readonly steps: ReadonlyMap<string, Upcasters[string]>;

  constructor(upcasters: Upcasters) {
    this.steps = new Map(Object.entries(upcasters));
  }

  /** A domain event as the client appends it, with an id of its own, in its latest version. */
  encode(event: DomainEvent, given: GivenMetadata): JSONEventData {
    return jsonEvent({
      id: randomUUID(),
      type: event.type,
      data: event.data as unknown as Record<string, unknown>,
      metadata: { ...given, schemaVersion: this.steps.get(event.type)!.length + 1 },
    });
  }

  /**
   * A domain event, its data in the latest version. Its metadata stays what was recorded, the
   * version included.
   *
   * @throws UnknownEventType for a type, or a version of one, that is not known here
   */
  decode(stored: StoredEvent): RecordedEvent {
    const { type, stream } = stored;
    const metadata = stored.metadata as EventMetadata | undefined;
    const data = this.upcast(type, metadata?.schemaVersion, stored.data);
    if (!data) throw new UnknownEventType(`${type} v${metadata?.schemaVersion}`, stream);
    // Field by field: a rebuild comes by here millions of times, and a spread takes longer.
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

  /** @returns undefined for what is not known here */
  private upcast(type: string, version: unknown, data: unknown): EventData | undefined {
    const steps = this.steps.get(type);
    if (!steps || !isObject(data) || typeof version !== 'number') return undefined;
    if (!Number.isInteger(version) || version < 1 || version > steps.length + 1) return undefined;
    let current = data;
    for (let from = version; from <= steps.length; from++) current = steps[from - 1]!(current);
    return current;
  }
}

const codec = new EventCodec(upcasters);

/** See `EventCodec.encode`. */
export function encodeEvent(event: DomainEvent, given: GivenMetadata): JSONEventData {
  return codec.encode(event, given);
}

/** See `EventCodec.decode`. @throws UnknownEventType */
export function decodeStored(stored: StoredEvent): RecordedEvent {
  return codec.decode(stored);
}

/** The same, as the official client hands it out. @throws UnknownEventType */
export function decodeEvent({ event, commitPosition }: ResolvedEvent): RecordedEvent {
  if (!event) throw new Error('A link without its event: only plain streams are read here');
  const commit = commitPosition ?? event.position?.commit ?? 0n;
  return codec.decode({
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

/** What another service may have put there as bytes or text is no event of ours. */
function isObject(data: unknown): data is EventData {
  return typeof data === 'object' && data !== null && !(data instanceof Uint8Array);
}
