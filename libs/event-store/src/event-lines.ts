import type { DomainEvent } from '@app/domain';
import { linesOf } from '@app/observability';
import type { EventContext, RecordedEvent } from './recorded-event';

const say = linesOf('events');

/** Whether it happens all day to every channel, so that nobody wants to read of each. */
export function isRoutine(event: DomainEvent): boolean {
  return (
    event.type === 'ChannelTokenRefreshed' ||
    (event.type === 'ChannelTokenRefreshFailed' && !event.data.permanent)
  );
}

/** What every line about an event has, the same wherever it is met. */
export function eventFields({
  id: eventId,
  event: { type: eventType, data },
  revision,
  metadata: { correlationId },
}: Pick<RecordedEvent, 'id' | 'event' | 'revision'> & {
  readonly metadata: Pick<EventContext, 'correlationId'>;
}) {
  return { eventId, eventType, channelId: data.channelId, revision, correlationId };
}

/** What one append has committed. */
export interface Appended {
  readonly events: readonly DomainEvent[];
  /** Theirs, in the same order. */
  readonly ids: readonly string[];
  /** Of the last one. */
  readonly revision: number;
  readonly context: EventContext;
}

/** A line for each event that stands by now: the one in which a request's id becomes a correlation id. */
export function tellAppended({ events, ids, revision, context }: Appended): void {
  const { causationId, actor } = context;
  const requestId = causationId.startsWith('req_') ? causationId : undefined;
  events.forEach((event, at) => {
    const place = { id: ids[at]!, event, revision: revision - events.length + 1 + at };
    const fields = {
      ...eventFields({ ...place, metadata: context }),
      ...{ requestId, causationId, actor },
    };
    if (isRoutine(event)) return say('routine event appended', fields);
    const { workspaceId, platform, effect, status } = event.data as Detailed;
    say('event appended', { ...fields, workspaceId, platform, effect, outcome: status });
  });
}

/** What some events say of themselves. */
interface Detailed {
  readonly workspaceId?: string;
  readonly platform?: string;
  readonly effect?: string;
  readonly status?: string;
}
