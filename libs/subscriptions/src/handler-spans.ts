import type { RecordedEvent } from '@app/event-store';
import type { OpenSpan } from '@app/observability';
import type { EventHandler } from './event-handler';
import { startSpanOf } from './event-spans';

/**
 * Begins a span for each event of a batch that changes something: the batch may be a part of many
 * traces, and is shown in each from its begin to its commit.
 */
export function startHandlerSpans(
  handler: EventHandler,
  batch: readonly RecordedEvent[],
): OpenSpan[] {
  // Of a generation only what it is one of: its number would be a name of its own.
  const [name] = handler.name.split('@', 1);
  return batch.flatMap((recorded) => {
    if (handler.concerns?.(recorded.event) === false) return [];
    const { recordedAt, metadata, event, id } = recorded;
    const attributes = {
      'postbreeze.handler': handler.name,
      'postbreeze.channel.id': event.data.channelId,
      'postbreeze.event.type': event.type,
      'postbreeze.event.id': id,
      'postbreeze.batch.size': batch.length,
    };
    const info = { name: `apply ${name}`, kind: 'consumer', attributes } as const;
    return startSpanOf({ recordedAt, traceparent: metadata.traceparent }, info) ?? [];
  });
}
