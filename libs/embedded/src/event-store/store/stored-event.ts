import { ReadResp } from '@eventstore/db-client/generated/streams_pb';
import { UUID, StreamIdentifier } from '@eventstore/db-client/generated/shared_pb';
import { decodeNumber, encodeNumber } from './keys';
import { LONG_MAX, TOMBSTONE } from './system-streams';

const RecordedEvent = ReadResp.ReadEvent.RecordedEvent;

/** The clock of the protocol counts in units of 100 ns since the epoch. */
const TICKS_PER_MILLISECOND = 10_000n;

/** Before its recorded bytes: revision, id, and two lengths; its type and stream come on top. */
const HEADER_BYTES = 8 + 16 + 2 + 2;

/** An event as a client proposes it. */
export interface ProposedEvent {
  /** UUID, lower case, with dashes. */
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly customMetadata: Uint8Array;
}

/** An event of the log. */
export interface StoredEvent {
  readonly position: number;
  /** Where whatever comes after it stands: positions are byte offsets. */
  readonly next: number;
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  /**
   * The protocol's `RecordedEvent`, encoded once when the event is written: a read copies
   * these bytes into its answer and decodes nothing.
   */
  readonly recorded: Buffer;
}

/** Gives a proposed event its place in the log. @param created milliseconds since the epoch */
export function recordEvent(
  event: ProposedEvent,
  place: { stream: string; revision: number; position: number; created: number },
): StoredEvent {
  const message = new RecordedEvent()
    .setId(new UUID().setString(event.id))
    .setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from(place.stream, 'utf8')))
    .setStreamRevision(place.revision === TOMBSTONE ? LONG_MAX : String(place.revision))
    .setCommitPosition(String(place.position))
    .setPreparePosition(String(place.position))
    .setData(event.data)
    .setCustomMetadata(event.customMetadata);
  message
    .getMetadataMap()
    .set('type', event.type)
    .set('content-type', event.contentType)
    .set('created', String(BigInt(place.created) * TICKS_PER_MILLISECOND));
  const recorded = Buffer.from(message.serializeBinary());
  const names = Buffer.byteLength(event.type, 'utf8') + Buffer.byteLength(place.stream, 'utf8');
  return {
    position: place.position,
    next: place.position + HEADER_BYTES + names + recorded.length,
    stream: place.stream,
    revision: place.revision,
    id: event.id,
    type: event.type,
    recorded,
  };
}

/** The data that its writer gave to an event. */
export function dataOf({ recorded }: StoredEvent): Uint8Array {
  return RecordedEvent.deserializeBinary(recorded).getData_asU8();
}

/** When an event was written, in milliseconds since the epoch. */
export function createdAt({ recorded }: StoredEvent): number {
  const ticks = RecordedEvent.deserializeBinary(recorded).getMetadataMap().get('created') ?? '0';
  return Number(BigInt(ticks) / TICKS_PER_MILLISECOND);
}

/**
 * The bytes of an event on disk. In front of the recorded event stands what filters and
 * retries look at, so that neither has to decode it:
 * `revision u64 | id 16 bytes | length u16, type | length u16, stream | RecordedEvent`.
 */
export function encodeStoredEvent(event: StoredEvent): Buffer {
  return Buffer.concat([
    encodeNumber(event.revision),
    Buffer.from(event.id.replaceAll('-', ''), 'hex'),
    withLength(event.type),
    withLength(event.stream),
    event.recorded,
  ]);
}

/** The reverse of {@link encodeStoredEvent}; the position is the event's key. */
export function decodeStoredEvent(position: number, bytes: Buffer): StoredEvent {
  const id = bytes.toString('hex', 8, 24);
  const typeEnd = 26 + bytes.readUInt16BE(24);
  const streamEnd = typeEnd + 2 + bytes.readUInt16BE(typeEnd);
  return {
    position,
    next: position + bytes.length,
    revision: decodeNumber(bytes),
    id: `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`,
    type: bytes.toString('utf8', 26, typeEnd),
    stream: bytes.toString('utf8', typeEnd + 2, streamEnd),
    recorded: bytes.subarray(streamEnd),
  };
}

function withLength(text: string): Buffer {
  const length = Buffer.byteLength(text, 'utf8');
  const bytes = Buffer.allocUnsafe(2 + length);
  bytes.writeUInt16BE(length, 0);
  bytes.write(text, 2, 'utf8');
  return bytes;
}
