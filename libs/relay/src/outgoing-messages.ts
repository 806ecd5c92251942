import type { IntegrationMessage } from '@app/contracts';
import { encodeCloudEvent, topicOf } from '@app/contracts';
import type { RecordedEvent } from '@app/event-store';
import { eventFields } from '@app/event-store';
import type { OutgoingMessage } from '@app/kafka';
import type { OpenSpan } from '@app/observability';
import { startSpanOf } from '@app/subscriptions';
import { toCloudEvent } from './to-cloud-event';

/** A message, and what the log says of it once it is acknowledged. */
export interface ToldMessage {
  readonly message: OutgoingMessage;
  readonly fields: ReturnType<typeof fieldsOf>;
}

/** What is sent of a batch. */
export interface Outgoing {
  readonly messages: readonly ToldMessage[];
  /** Of the messages that are a part of a trace, to be ended once they are sent. */
  readonly spans: readonly OpenSpan[];
}

/** The messages of a batch, in its order. Each carries its own span along, and no other's. */
export function outgoingOf(batch: readonly RecordedEvent[]): Outgoing {
  const messages: ToldMessage[] = [];
  const spans: OpenSpan[] = [];
  for (const recorded of batch) {
    const told = toCloudEvent(recorded);
    if (!told) continue;
    const span = startSendSpan(recorded, told);
    if (span) spans.push(span);
    const sent = span ? { ...told, traceparent: span.traceparent } : told;
    const message = { topic: topicOf[told.type], ...encodeCloudEvent(sent) };
    messages.push({ message, fields: fieldsOf(recorded, told) });
  }
  return { messages, spans };
}

function fieldsOf(recorded: RecordedEvent, { type }: IntegrationMessage) {
  return { ...eventFields(recorded), messageType: type, topic: topicOf[type] };
}

/** https://opentelemetry.io/docs/specs/semconv/messaging/kafka/ */
function startSendSpan(
  { recordedAt, metadata: { traceparent } }: RecordedEvent,
  { id, type, subject }: IntegrationMessage,
): OpenSpan | undefined {
  const topic = topicOf[type];
  return startSpanOf(
    { recordedAt, traceparent },
    {
      name: `send ${topic}`,
      kind: 'producer',
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        'messaging.destination.name': topic,
        'messaging.kafka.message.key': subject,
        'messaging.message.id': id,
        'cloudevents.event_type': type,
        'postbreeze.channel.id': subject,
      },
    },
  );
}
