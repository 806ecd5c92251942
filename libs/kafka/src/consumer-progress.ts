import type { Progress } from '@app/config';
import type { Admin, Consumer } from 'kafkajs';
import type { KafkaClient } from './kafka-client';

/**
 * Asks the broker how far a consumer has come with its partitions: those that it was given last, also
 * while the group is dealt anew, and all of them before it was given any. A consumer that never gets
 * through its joining stands still like one that hangs.
 */
export class ConsumerProgress {
  private readonly admin: Admin;
  private connecting: Promise<void> | undefined;
  /** By the topic's full name; undefined before the first. */
  private assigned: Readonly<Record<string, readonly number[]>> | undefined;

  constructor(
    kafka: KafkaClient,
    private readonly groupId: string,
    private readonly topics: readonly string[],
    consumer: Consumer,
  ) {
    this.admin = kafka.kafka.admin();
    consumer.on('consumer.group_join', ({ payload }) => {
      this.assigned = payload.memberAssignment;
    });
  }

  /** @throws when Kafka doesn't answer */
  async observe(): Promise<Progress[]> {
    await this.connected();
    const topics = this.topics.map((topic) =>
      this.ofTopic(topic, this.assigned && (this.assigned[topic] ?? [])),
    );
    return (await Promise.all(topics)).flat();
  }

  async close(): Promise<void> {
    await this.admin.disconnect();
  }

  /** @param partitions all of them, unless given */
  private async ofTopic(
    topic: string,
    partitions: readonly number[] | undefined,
  ): Promise<Progress[]> {
    const [ends, [group]] = await Promise.all([
      this.admin.fetchTopicOffsets(topic),
      this.admin.fetchOffsets({ groupId: this.groupId, topics: [topic] }),
    ]);
    const committed = new Map(group!.partitions.map((one) => [one.partition, one.offset]));
    return ends
      .filter(({ partition }) => partitions?.includes(partition) ?? true)
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
