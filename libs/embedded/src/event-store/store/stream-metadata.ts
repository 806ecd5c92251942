import { LONG_MAX, METADATA_TYPE } from './system-streams';
import type { ProposedEvent } from './stored-event';
import { randomUUID } from 'node:crypto';

/** What the metadata of a stream says about reading it; the rest of it is nobody's here. */
export interface StreamMetadata {
  /** Revisions below it are hidden; all of them, and those to come, in a soft-deleted stream. */
  readonly truncateBefore?: number;
  /** Only that many of the latest events are shown. */
  readonly maxCount?: number;
  /** Milliseconds; what is older is hidden. */
  readonly maxAgeMs?: number;
}

const NONE: StreamMetadata = {};

/** A metastream's own, which nobody can change: only the metadata that holds is shown. */
export const OF_METASTREAMS: StreamMetadata = { maxCount: 1 };

/** Metadata as JSON, `$maxAge` in seconds. As in the real server, what makes no sense as a whole says nothing. */
export function parseMetadata(data: Uint8Array): StreamMetadata {
  const json = parseObject(data);
  if (!json) return NONE;
  const { $tb: truncateBefore, $maxCount: maxCount, $maxAge: maxAge } = json;
  if (!isCount(truncateBefore, 0) || !isCount(maxCount, 1) || !isCount(maxAge, 1)) return NONE;
  return {
    ...(truncateBefore !== undefined && { truncateBefore }),
    ...(maxCount !== undefined && { maxCount }),
    ...(maxAge !== undefined && { maxAgeMs: maxAge * 1_000 }),
  };
}

/** A soft delete is written as metadata that hides whatever there is. */
export function isSoftDeleted({ truncateBefore }: StreamMetadata): boolean {
  // JSON's numbers can't hold the exact bound; none that a stream can reach is near it.
  return truncateBefore !== undefined && truncateBefore > Number.MAX_SAFE_INTEGER;
}

/** The metadata of a soft-deleted stream, which takes the place of what it had. */
export function softDeletion(): ProposedEvent {
  return metadataEvent(`{"$tb":${LONG_MAX}}`);
}

/**
 * What makes a soft-deleted stream readable again, from one revision on; the rest of its metadata stays.
 *
 * @param data the metadata as it is
 */
export function revival(data: Uint8Array, from: number): ProposedEvent {
  return metadataEvent(JSON.stringify({ ...parseObject(data), $tb: from }));
}

function metadataEvent(json: string): ProposedEvent {
  return {
    id: randomUUID(),
    type: METADATA_TYPE,
    contentType: 'application/json',
    data: Buffer.from(json, 'utf8'),
    customMetadata: Buffer.alloc(0),
  };
}

function parseObject(data: Uint8Array): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    return isObject ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

function isCount(value: unknown, least: number): value is number | undefined {
  return value === undefined || (Number.isInteger(value) && Number(value) >= least);
}
