/** Where a post stands on one channel. */
export type TargetStatus =
  'DRAFT' | 'NEEDS_APPROVAL' | 'SCHEDULED' | 'PUBLISHING' | 'PUBLISHED' | 'FAILED' | 'CANCELED';

/** Where a post stands over all of its channels. */
export type PostStatus = TargetStatus | 'PARTIALLY_PUBLISHED';

/**
 * The status of a post, derived from all of its targets, of which there is at least one. A
 * canceled target has no say while any other is left.
 *
 * What is still to happen comes before what has happened, the nearest first, so that no post leaves
 * the list in which somebody or something waits for it; an approval comes before a schedule, because
 * a person has to act. After that it is what has happened: everything left was published, or a
 * part of it, or nothing.
 */
export function derivePostStatus(targets: readonly TargetStatus[]): PostStatus {
  const has = (status: TargetStatus): boolean => targets.includes(status);
  if (has('PUBLISHING')) return 'PUBLISHING';
  if (has('NEEDS_APPROVAL')) return 'NEEDS_APPROVAL';
  if (has('SCHEDULED')) return 'SCHEDULED';
  if (has('PUBLISHED')) {
    return has('FAILED') || has('DRAFT') ? 'PARTIALLY_PUBLISHED' : 'PUBLISHED';
  }
  if (has('DRAFT')) return 'DRAFT';
  return has('FAILED') ? 'FAILED' : 'CANCELED';
}
