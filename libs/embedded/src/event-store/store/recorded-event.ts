import { fieldLength, WireWriter } from '@app/protobuf';
import type { Place, ProposedEvent } from './stored-event';
import { TOMBSTONE } from './system-streams';

// The fields of `RecordedEvent` and of the messages within it: streams.proto and shared.proto of
// EventStoreDB. A spec holds them against the client's generated code.
const RECORDED_EVENT = {
  id: 1,
  streamIdentifier: 2,
  streamRevision: 3,
  preparePosition: 4,
  commitPosition: 5,
  metadata: 6,
  customMetadata: 7,
  data: 8,
};
const UUID = { string: 2 };
const STREAM_IDENTIFIER = { streamName: 3 };
const MAP_ENTRY = { key: 1, value: 2 };

/** The revision of a tombstone, LONG_MAX, which no number of ours can be: its tag and nine bytes. */
const TOMBSTONE_REVISION = Buffer.from([
  RECORDED_EVENT.streamRevision << 3,
  ...Array<number>(8).fill(0xff),
  0x7f,
]);

/** The clock of the protocol counts in units of 100 ns since the epoch: so many digits more. */
const TICKS = '0000';

/** What an event takes at most beside the two parts below and its payloads: the id, numbers, tags and lengths. */
export const RECORDED_OVERHEAD = 96;

/** The part of a `RecordedEvent` that all events of a stream have in common. */
export function encodeStreamIdentifier(stream: string): Buffer {
  const length = textLength(stream);
  const bytes = Buffer.allocUnsafe(fieldLength(length));
  new WireWriter(bytes)
    .message(RECORDED_EVENT.streamIdentifier, length)
    .text(STREAM_IDENTIFIER.streamName, stream);
  return bytes;
}

/**
 * The part of a `RecordedEvent` that all events of a type have in common that are written together.
 *
 * @param created milliseconds since the epoch
 */
export function encodeMetadata({ type, contentType }: ProposedEvent, created: number): Buffer {
  return Buffer.concat([
    encodeMetadataEntry('content-type', contentType),
    encodeMetadataEntry('created', created + TICKS),
    encodeMetadataEntry('type', type),
  ]);
}

function encodeMetadataEntry(key: string, value: string): Buffer {
  const length = textLength(key) + textLength(value);
  const bytes = Buffer.allocUnsafe(fieldLength(length));
  new WireWriter(bytes)
    .message(RECORDED_EVENT.metadata, length)
    .text(MAP_ENTRY.key, key)
    .text(MAP_ENTRY.value, value);
  return bytes;
}

/** Writes an event as the protocol's `RecordedEvent`. */
export function writeRecorded(
  writer: WireWriter,
  { id, customMetadata, data }: ProposedEvent,
  {
    revision,
    position,
    streamIdentifier,
    metadata,
  }: Pick<Place, 'revision' | 'position'> & Record<'streamIdentifier' | 'metadata', Buffer>,
): void {
  writer.message(RECORDED_EVENT.id, textLength(id)).text(UUID.string, id).raw(streamIdentifier);
  if (revision === TOMBSTONE) writer.raw(TOMBSTONE_REVISION);
  else writer.number(RECORDED_EVENT.streamRevision, revision);
  writer
    .number(RECORDED_EVENT.preparePosition, position)
    .number(RECORDED_EVENT.commitPosition, position)
    .raw(metadata)
    .data(RECORDED_EVENT.customMetadata, customMetadata)
    .data(RECORDED_EVENT.data, data);
}

/** How many bytes a field of text takes. */
function textLength(text: string): number {
  return fieldLength(Buffer.byteLength(text, 'utf8'));
}
