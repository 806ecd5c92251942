import { visible } from '@app/observability';
import type { EventLog, StreamEnd } from '../store/event-log';
import { retentionOf, type Retention } from '../store/retention';
import { TOMBSTONE } from '../store/system-streams';
import { escaped, timeOf } from './event-form';

/** What reads of the stream say of it. */
type State = 'exists' | 'deleted' | 'tombstoned';

export const streamHeading = streamLine('events', 'last event', 'its type', 'stream');

/** A stream for people, on one line. */
export function streamForPeople(log: EventLog, end: StreamEnd, now: number): string {
  const { last, events, state, firstShown } = summaryOf(log, end, now);
  const isCut = state === 'exists' && firstShown > 0;
  const note = isCut ? `read from revision ${firstShown} on` : state;
  const name = visible(end.stream) + (isCut || state !== 'exists' ? `  (${note})` : '');
  return streamLine(String(events), timeOf(last), visible(last.type), name);
}

/** A stream for programs, on one line. `firstShown` is the first revision that reads show. */
export function streamForPrograms(log: EventLog, end: StreamEnd, now: number): string {
  const { last, events, state, firstShown } = summaryOf(log, end, now);
  return escaped({
    ...{ stream: end.stream, events, lastType: last.type, lastCreated: timeOf(last), state },
    ...(state === 'exists' && { firstShown }),
  });
}

function summaryOf(log: EventLog, { stream, lastRevision }: StreamEnd, now: number) {
  const retention = retentionOf(log, stream, now);
  return {
    last: log.eventAt(stream, lastRevision)!,
    events: lastRevision === TOMBSTONE ? beforeTombstone(log, stream) + 1 : lastRevision + 1,
    state: stateOf(retention),
    firstShown: retention.first,
  };
}

function beforeTombstone(log: EventLog, stream: string): number {
  const [last] = log.streamBackwards(stream, TOMBSTONE - 1, 0);
  return last ? last.revision + 1 : 0;
}

/** What has events and is missing to those who read was deleted. */
function stateOf({ state }: Retention): State {
  return state === 'missing' ? 'deleted' : state;
}

/** The name stands last: it alone has no usual length. */
function streamLine(events: string, last: string, type: string, stream: string): string {
  return `${events.padStart(9)}  ${last.padEnd(24)}  ${type.padEnd(28)}  ${stream}`;
}
