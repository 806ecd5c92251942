import { LAST, MAX_INDEXED_NAME_BYTES } from './keys';

/** What the last revision of a tombstoned stream says. No event can follow it. */
export const TOMBSTONE = LAST;

/** The real server's `long.MaxValue`: the revision of a tombstone, and the `$tb` of a soft-deleted stream. */
export const LONG_MAX = '9223372036854775807';

export const METADATA_TYPE = '$metadata';
export const TOMBSTONE_TYPE = '$streamDeleted';
export const LINK_TYPE = '$>';

const METASTREAM_PREFIX = '$$';

/** The stream that holds the metadata of this one. */
export function metastreamOf(stream: string): string {
  return METASTREAM_PREFIX + stream;
}

/** The stream whose metadata this one holds; undefined when it holds none. */
export function describedBy(stream: string): string | undefined {
  return stream.startsWith(METASTREAM_PREFIX) ? stream.slice(METASTREAM_PREFIX.length) : undefined;
}

/**
 * The longest name of a stream, in bytes of UTF-8: its metastream is a stream too, which can be deleted
 * and then has one of its own, and all of them have to fit into the index.
 */
export const MAX_STREAM_NAME_BYTES = MAX_INDEXED_NAME_BYTES - 2 * METASTREAM_PREFIX.length;

/** @returns whether a stream may have this name: a metastream belongs to a stream that may have its */
export function isStreamName(name: string): boolean {
  const bytes = Buffer.byteLength(describedBy(name) ?? name, 'utf8');
  return bytes > 0 && bytes <= MAX_STREAM_NAME_BYTES;
}
