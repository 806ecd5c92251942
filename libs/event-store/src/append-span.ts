import type { DomainEvent } from '@app/domain';
import type { SpanInfo } from '@app/observability';
import { activeTraceparent } from '@app/observability';
import type { GivenMetadata } from './event-codec';
import type { EventContext } from './recorded-event';

/** An append, as a trace shows it: the stream's category in its name, the rest of it beside. */
export function appendSpan(stream: string, events: readonly DomainEvent[]): SpanInfo {
  const dash = stream.indexOf('-');
  const category = stream.slice(0, dash);
  return {
    name: `append ${category}`,
    kind: 'client',
    attributes: {
      'db.system.name': 'eventstoredb',
      'db.operation.name': 'append',
      'db.collection.name': category,
      'postbreeze.channel.id': stream.slice(dash + 1),
      'postbreeze.event.types': events.map(({ type }) => type),
    },
  };
}

/** What is stored beside events that are appended now: their span's id too, if there is one. */
export function traced(context: EventContext): GivenMetadata {
  const traceparent = activeTraceparent();
  return traceparent === undefined ? context : { ...context, traceparent };
}
