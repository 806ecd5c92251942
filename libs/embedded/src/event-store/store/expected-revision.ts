/** What an append expects of its stream: a last revision, or one of the protocol's words. */
export type ExpectedRevision = number | 'no_stream' | 'any' | 'stream_exists';

/** What the decision may look at: one stream, with the appends decided before this one. */
export interface StreamView {
  /** -1 when the stream has no event. */
  readonly lastRevision: number;
  /** For ever: neither the stream nor its metadata takes another event. */
  readonly isTombstoned: boolean;
  /** Its events are hidden, and the next one revives it. */
  readonly isSoftDeleted: boolean;
  /** Metadata may be there before the first event, and makes a stream exist. */
  hasMetadata(): boolean;
  idAt(revision: number): string | undefined;
  /** Best effort: knows recent appends only, and forgets them at a restart. */
  recentRevisionOf(id: string): number | undefined;
}

export type Decision =
  | { readonly kind: 'append' }
  /** Already there: the answer is that of the first time. */
  | { readonly kind: 'retry'; readonly lastRevision: number }
  | { readonly kind: 'refuse' }
  /** Refused, whatever was expected. */
  | { readonly kind: 'deleted' };

/**
 * Whether an append may happen, has happened before, or contradicts the stream.
 *
 * A repeat is recognised by its event ids: with an explicit revision or `no_stream` by what
 * is stored just after that revision, for ever; with `any` or `stream_exists`, which name no
 * place to look at, by the recent ids. An append of which only the beginning is known is
 * neither new nor a repeat, and is refused.
 *
 * @param ids ids of the events to append, in order; none asks for the expectation only
 */
export function decideAppend(
  expected: ExpectedRevision,
  ids: readonly string[],
  stream: StreamView,
): Decision {
  if (stream.isTombstoned) return { kind: 'deleted' };
  if (expected === 'stream_exists') {
    if (stream.isSoftDeleted) return { kind: 'deleted' };
    if (stream.lastRevision < 0 && !stream.hasMetadata()) return { kind: 'refuse' };
  }
  if (expected === 'any' || expected === 'stream_exists') return decideByRecentIds(ids, stream);
  return decideByPlace(expected === 'no_stream' ? -1 : expected, ids, stream);
}

function decideByPlace(expectedLast: number, ids: readonly string[], stream: StreamView): Decision {
  if (expectedLast === stream.lastRevision) return { kind: 'append' };
  if (expectedLast > stream.lastRevision || ids.length === 0) return { kind: 'refuse' };
  const known = ids.map((id, index) => stream.idAt(expectedLast + 1 + index) === id);
  if (!known.includes(false)) return { kind: 'retry', lastRevision: expectedLast + ids.length };
  // To whoever expects no stream, one that was deleted is none.
  const isGone = expectedLast === -1 && stream.isSoftDeleted;
  return isGone && !known[0] ? { kind: 'append' } : { kind: 'refuse' };
}

function decideByRecentIds(ids: readonly string[], stream: StreamView): Decision {
  const [firstId] = ids;
  if (firstId === undefined || stream.recentRevisionOf(firstId) === undefined) {
    return { kind: 'append' };
  }
  let lastRevision = -1;
  for (const id of ids) {
    const revision = stream.recentRevisionOf(id);
    if (revision === undefined) return { kind: 'refuse' };
    lastRevision = revision;
  }
  return { kind: 'retry', lastRevision };
}
