import { randomUUID } from 'node:crypto';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { CheckpointCounter } from '../protocol/checkpoint-counter';
import { streamDeleted } from '../protocol/call-error';
import {
  encodeCaughtUp,
  encodeCheckpoint,
  encodeConfirmation,
  type Position,
} from '../protocol/read-answer';
import type { Source, SubscriptionRequest } from '../protocol/read-request';
import { BEFORE_ALL, PAGE_EVENTS, type EventLog } from '../store/event-log';
import { allForwards, streamForwards, type Pages } from '../store/pages';
import { isTombstoned } from '../store/retention';
import type { Store } from '../store/store';
import type { StoredEvent } from '../store/stored-event';
import type { ManyAnswers } from './many-answers';
import type { Outgoing } from './outgoing';
import { viewOf, type View } from './view';

/** Where a subscription's answers go. */
export type SubscriptionAnswers = Pick<Outgoing<ManyAnswers>, 'send' | 'ended' | 'checkOpen'>;

export interface SubscriptionManner {
  readonly outgoing: SubscriptionAnswers;
  /** Where a checkpoint says that all has been considered up to an event. */
  readonly placeAfter: (event: StoredEvent) => Position;
}

/** The place of the event itself. */
export function placeOf({ position }: StoredEvent): Position {
  return { commit: position, prepare: position };
}

/**
 * Sends what is there, then what comes, until the client leaves.
 *
 * Catching up and living are the same loop over pages: events that come while the client is
 * slow wait on disk. A live subscriber that has fallen a whole page behind is catching up
 * again, and so meets `caughtUp` again, as on the real server.
 *
 * @throws CallError when its stream is tombstoned, also while it lives
 * @throws CallEndedError when the client has left
 */
export async function subscribe(
  { log, committed }: Store,
  request: SubscriptionRequest,
  { outgoing, placeAfter }: SubscriptionManner,
): Promise<void> {
  const { source } = request;
  const view = viewOf(log, request);
  const filter = source.kind === 'all' ? source.filter : undefined;
  const checkpoints = filter && new CheckpointCounter(filter.checkpointInterval);
  let last: StoredEvent | undefined;
  let live = false;

  await outgoing.send([encodeConfirmation(randomUUID())]);
  for (const page of pagesOf(log, source, view)) {
    const answers: Buffer[] = [];
    for (const event of page) {
      last = event;
      if (view.shows(event)) answers.push(view.encode(event));
      if (checkpoints?.consider()) answers.push(encodeCheckpoint(placeAfter(event)));
    }
    if (answers.length > 0) await outgoing.send(answers);
    if (page.length === PAGE_EVENTS) live = false;
    if (page.length > 0) {
      // A long stretch that the filter passes over must not keep other calls waiting.
      await endOfTurn();
    } else if (source.kind === 'stream' && isTombstoned(log, source.stream)) {
      throw streamDeleted(source.stream);
    } else if (live) {
      await committed.next(outgoing.ended);
      outgoing.checkOpen();
    } else {
      live = true;
      const place = last && checkpoints?.goLive() ? [encodeCheckpoint(placeAfter(last))] : [];
      await outgoing.send([...place, encodeCaughtUp()]);
    }
  }
}

/** A subscription begins *after* the place it names, whereas a read includes it. */
function pagesOf(log: EventLog, source: Source, { first }: View): Pages {
  if (source.kind === 'all') {
    const after = source.place === 'end' ? log.lastPosition : allStart(source.place);
    return allForwards(log, after + 1);
  }
  const after =
    source.place === 'end' ? log.lastRevision(source.stream) : streamStart(source.place);
  return streamForwards(log, source.stream, Math.max(after + 1, first));
}

function allStart(place: number | 'start'): number {
  return place === 'start' ? BEFORE_ALL : place;
}

/** Unlike positions, revisions begin at 0, so "from the start" is after -1. */
function streamStart(place: number | 'start'): number {
  return place === 'start' ? -1 : place;
}
