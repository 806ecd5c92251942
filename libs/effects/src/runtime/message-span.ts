import type { ChannelDisconnectedMessage } from '@app/contracts';
import { consumerGroupOf } from '@app/contracts';
import type { EffectName } from '@app/domain';
import type { ReceivedMessage } from '@app/kafka';
import type { OpenSpan } from '@app/observability';
import { startSpanOf } from '@app/subscriptions';

/**
 * Begins a span for what becomes of a message, below whoever sent it; none where that isn't traced.
 * https://opentelemetry.io/docs/specs/semconv/messaging/kafka/
 */
export function startMessageSpan(
  effect: EffectName,
  { id, type, time, subject, traceparent }: ChannelDisconnectedMessage,
  { topic, partition, offset }: ReceivedMessage,
): OpenSpan | undefined {
  return startSpanOf(
    { recordedAt: new Date(time), traceparent },
    {
      name: `process ${topic}`,
      kind: 'consumer',
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.destination.name': topic,
        'messaging.destination.partition.id': String(partition),
        'messaging.kafka.offset': Number(offset),
        'messaging.consumer.group.name': consumerGroupOf(effect),
        'messaging.message.id': id,
        'cloudevents.event_type': type,
        'postbreeze.effect': effect,
        'postbreeze.channel.id': subject,
      },
    },
  );
}
