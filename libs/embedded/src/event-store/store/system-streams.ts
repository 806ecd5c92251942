import { LAST } from './keys';

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
