import { createdAt, jsonOf, type StoredEvent } from './stored-event';
import {
  isSoftDeleted,
  OF_METASTREAMS,
  parseMetadata,
  type StreamMetadata,
} from './stream-metadata';
import { describedBy, metastreamOf, TOMBSTONE } from './system-streams';

/** Where streams are looked up: on disk, or on disk and in a draft on top of it. */
export interface Streams {
  /** Last revision of a stream; -1 when it has no event, {@link TOMBSTONE} when it can have none. */
  lastRevision(stream: string): number;
  eventAt(stream: string, revision: number): StoredEvent | undefined;
}

/** What of a stream can be read. Nothing of it leaves the log, so `$all` shows it still. */
export interface Retention {
  readonly state: 'exists' | 'missing' | 'tombstoned';
  /** The first revision that is shown. */
  readonly first: number;
  /** Milliseconds since the epoch: what was written before is hidden. */
  readonly since: number;
}

/** A tombstone stands in the stream and counts for its metadata too. */
export function isTombstoned(streams: Streams, stream: string): boolean {
  if (streams.lastRevision(stream) === TOMBSTONE) return true;
  const described = describedBy(stream);
  return described !== undefined && streams.lastRevision(described) === TOMBSTONE;
}

/** The last event of a stream's metastream: its data is the metadata that holds. */
export function metadataEventOf(streams: Streams, stream: string): StoredEvent | undefined {
  const metastream = metastreamOf(stream);
  const last = streams.lastRevision(metastream);
  return last >= 0 ? streams.eventAt(metastream, last) : undefined;
}

/** What a stream's metadata says; nothing when it has none. */
export function metadataOf(streams: Streams, stream: string): StreamMetadata {
  if (describedBy(stream) !== undefined) return OF_METASTREAMS;
  const event = metadataEventOf(streams, stream);
  return event ? parseMetadata(jsonOf(event)) : {};
}

/** @param now milliseconds since the epoch */
export function retentionOf(streams: Streams, stream: string, now: number): Retention {
  if (isTombstoned(streams, stream)) return { state: 'tombstoned', first: TOMBSTONE, since: 0 };
  const next = streams.lastRevision(stream) + 1;
  const metadata = metadataOf(streams, stream);
  const { truncateBefore = 0, maxCount = next, maxAgeMs } = metadata;
  if (next === 0 || isSoftDeleted(metadata)) return { state: 'missing', first: next, since: 0 };
  return {
    state: 'exists',
    first: Math.max(0, truncateBefore, next - maxCount),
    since: maxAgeMs === undefined ? 0 : now - maxAgeMs,
  };
}

/** Whether a read of its stream may show an event. */
export function isShown(event: StoredEvent, { first, since }: Retention): boolean {
  // The age is looked up where it matters only: it has to be decoded.
  return event.revision >= first && (since === 0 || createdAt(event) >= since);
}
