import { streamDeleted } from '../protocol/call-error';
import { encodeEvent, encodeResolved } from '../protocol/read-answer';
import type { Reading } from '../protocol/read-request';
import type { EventLog } from '../store/event-log';
import { resolveLink } from '../store/links';
import { isShown, retentionOf } from '../store/retention';
import type { StoredEvent } from '../store/stored-event';

/** What of its source one call shows, and how. */
export interface View {
  /** Whether there is anything to show: a stream that is missing may come. */
  readonly exists: boolean;
  /** The first revision of its stream that it shows; 0 for all events, whatever hides them elsewhere. */
  readonly first: number;
  shows(event: StoredEvent): boolean;
  encode(event: StoredEvent): Buffer;
}

/**
 * What can be seen as things stand now: the call keeps that view to its end, since whatever comes
 * later isn't hidden by what the metadata said before.
 *
 * @throws CallError when the stream is tombstoned
 */
export function viewOf(log: EventLog, { source, resolveLinks }: Reading): View {
  const encode = resolveLinks
    ? (event: StoredEvent) => encodeResolved(resolveLink(log, event, Date.now()))
    : encodeEvent;
  if (source.kind === 'all') {
    const { filter } = source;
    const shows = (event: StoredEvent): boolean => !filter || filter.matches(event);
    return { exists: true, first: 0, shows, encode };
  }
  const retention = retentionOf(log, source.stream, Date.now());
  if (retention.state === 'tombstoned') throw streamDeleted(source.stream);
  return {
    exists: retention.state === 'exists',
    first: retention.first,
    shows: (event) => isShown(event, retention),
    encode,
  };
}
