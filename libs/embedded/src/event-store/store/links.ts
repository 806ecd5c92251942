import { isShown, retentionOf, type Streams } from './retention';
import { dataOf, type StoredEvent } from './stored-event';
import { isStreamName, LINK_TYPE } from './system-streams';

/** An event as a reader gets it: itself, or what it links to beside the link. */
export type ResolvedEvent =
  | { readonly event: StoredEvent; readonly link?: undefined }
  /** Without an event it leads to what can't be read any more. */
  | { readonly event?: StoredEvent; readonly link: StoredEvent };

/**
 * Follows a link, an event of type `$>` whose data is `revision@stream`. What is no link, or says
 * nothing of that form, stands for itself.
 *
 * @param now milliseconds since the epoch
 */
export function resolveLink(streams: Streams, event: StoredEvent, now: number): ResolvedEvent {
  if (event.type !== LINK_TYPE) return { event };
  const link = Buffer.from(dataOf(event)).toString('utf8');
  const [, revision, stream] = /^(\d{1,15})@(.+)$/s.exec(link) ?? [];
  if (revision === undefined || stream === undefined) return { event };
  // Anything may stand in a link.
  const target = isStreamName(stream) ? streams.eventAt(stream, Number(revision)) : undefined;
  const isThere = target && isShown(target, retentionOf(streams, stream, now));
  return isThere ? { event: target, link: event } : { link: event };
}
