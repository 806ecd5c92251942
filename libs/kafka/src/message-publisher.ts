import type { Producer } from 'kafkajs';
import { Partitioners } from 'kafkajs';
import type { KafkaClient } from './kafka-client';

/** A message to be sent. */
export interface OutgoingMessage {
  /** Without the prefix. */
  readonly topic: string;
  /** Messages of one key keep their order, within a topic. */
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string;
}

/**
 * Sends messages, one request at a time, so that a retry never overtakes what follows it. kafkajs's
 * idempotent producer isn't used: it retries for ever by itself, and a sequence that it lost fails
 * every later send. Repeats are part of the contract; consumers drop them by id.
 */
export class MessagePublisher {
  private readonly producer: Producer;
  private connecting: Promise<void> | undefined;

  constructor(private readonly kafka: KafkaClient) {
    this.producer = kafka.kafka.producer({
      // As Java's: other writers of a topic put a key in the same partition.
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      maxInFlightRequests: 1,
      retry: { ...kafka.retry, retries: 2 },
    });
  }

  /**
   * Sends them in their order; resolves after every in-sync replica has them.
   *
   * @throws when some may not have arrived; all of them must be sent again then
   */
  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    if (messages.length === 0) return;
    await this.connected();
    await this.producer.sendBatch({
      acks: -1,
      timeout: 10_000,
      topicMessages: [...byTopic(messages)].map(([topic, ofTopic]) => ({
        topic: this.kafka.topicName(topic),
        messages: ofTopic.map(({ key, headers, value }) => ({ key, headers, value })),
      })),
    });
  }

  async close(): Promise<void> {
    await this.producer.disconnect();
  }

  /** At the first send rather than at the start: Kafka may be away, and is waited for then. */
  private async connected(): Promise<void> {
    this.connecting ??= this.producer.connect();
    try {
      await this.connecting;
    } catch (error) {
      this.connecting = undefined;
      throw error;
    }
  }
}

function byTopic(messages: readonly OutgoingMessage[]): Map<string, OutgoingMessage[]> {
  const topics = new Map<string, OutgoingMessage[]>();
  for (const message of messages) {
    const ofTopic = topics.get(message.topic);
    if (ofTopic) ofTopic.push(message);
    else topics.set(message.topic, [message]);
  }
  return topics;
}
