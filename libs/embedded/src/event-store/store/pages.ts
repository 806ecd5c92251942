import type { EventLog } from './event-log';
import type { StoredEvent } from './stored-event';

/**
 * The log page by page. An empty page means "no more for now": a read ends there, a
 * subscription waits for a commit and asks again. Between two pages nothing stays open, so
 * a slow reader holds one page of memory and no cursor.
 */
export type Pages = Iterable<StoredEvent[]>;

/** All events, ascending. @param from first position, included */
export function* allForwards(log: EventLog, from: number): Pages {
  for (let next = from; ;) {
    const page = log.allForwards(next);
    next = (page.at(-1)?.position ?? next - 1) + 1;
    yield page;
  }
}

/** All events, descending. @param before position to stay below */
export function* allBackwards(log: EventLog, before: number): Pages {
  for (let next = before; ;) {
    const page = log.allBackwards(next);
    next = page.at(-1)?.position ?? next;
    yield page;
  }
}

/** The events of a stream, ascending. @param from first revision, included */
export function* streamForwards(log: EventLog, stream: string, from: number): Pages {
  for (let next = from; ;) {
    const page = log.streamForwards(stream, next);
    next = (page.at(-1)?.revision ?? next - 1) + 1;
    yield page;
  }
}

/** The events of a stream, descending, from one revision down to another, both included. */
export function* streamBackwards(
  log: EventLog,
  stream: string,
  { from, downTo }: { from: number; downTo: number },
): Pages {
  for (let next = from; next >= downTo;) {
    const page = log.streamBackwards(stream, next, downTo);
    next = page.length > 0 ? page.at(-1)!.revision - 1 : -1;
    yield page;
  }
}
