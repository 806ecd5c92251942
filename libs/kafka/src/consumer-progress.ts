import type { Progress } from '@app/config';
import type { Admin, Consumer } from 'kafkajs';
import type { KafkaClient } from './kafka-client';

/** Asks the broker how far a consumer has come with the partitions that it has at the moment. */
export class ConsumerProgress {
  private readonly admin: Admin;
  private connecting: Promise<void> | undefined;
  /** By the topic's full name; of no other member's. */
  private assigned: Readonly<Record<string, readonly number[]>> = {};

  constructor(
    kafka: KafkaClient,
    private readonly groupId: string,
    consumer: Consumer,
  ) {
    this.admin = kafka.kafka.admin();
    consumer.on('consumer.group_join', ({ payload }) => {
      this.assigned = payload.memberAssignment;
    });
    consumer.on('consumer.rebalancing', () => (this.assigned = {}));
  }

  /** @throws when Kafka doesn't answer */
  async observe(): Promise<Progress[]> {
    await this.connected();
    const topics = Object.entries(this.assigned);
    return (await Promise.all(topics.map((one) => this.ofTopic(...one)))).flat();
  }

  async close(): Promise<void> {
    await this.admin.disconnect();
  }

  private async ofTopic(topic: string, partitions: readonly number[]): Promise<Progress[]> {
    const [ends, [group]] = await Promise.all([
      this.admin.fetchTopicOffsets(topic),
      this.admin.fetchOffsets({ groupId: this.groupId, topics: [topic] }),
    ]);
    const committed = new Map(group!.partitions.map((one) => [one.partition, one.offset]));
    return ends
      .filter(({ partition }) => partitions.includes(partition))
      .map(({ partition, low, high }) => {
        const offset = Math.max(Number(committed.get(partition) ?? -1), Number(low));
        return {
          place: `${topic}/${partition}`,
          at: String(offset),
          waiting: Number(high) > offset,
        };
      });
  }

  private async connected(): Promise<void> {
    this.connecting ??= this.admin.connect();
    try {
      await this.connecting;
    } catch (error) {
      this.connecting = undefined;
      throw error;
    }
  }
}
