import type { DynamicModule, OnApplicationShutdown } from '@nestjs/common';
import { Inject, Injectable, Module } from '@nestjs/common';
import type { Admin } from 'kafkajs';
import type { Reading, Sample } from '@app/observability';
import { gauge, MetricsModule, Scrapes } from '@app/observability';
import { KafkaClient } from './kafka-client';
import { KafkaModule } from './kafka.module';

const lagMessages = gauge({
  name: 'postbreeze_consumer_lag_messages',
  help: 'Messages on the broker that a consumer group has not committed.',
  labels: ['group'],
});

const lagSeconds = gauge({
  name: 'postbreeze_consumer_lag_seconds',
  help: 'Age of the oldest message that a consumer group has not committed, rounded down to one of a dozen steps from 1 s to a day; 0 when none waits.',
  labels: ['group'],
});

/**
 * Seconds. The broker doesn't tell how old a message is, but from where on messages are younger than so
 * much: a few questions for all groups and partitions together, asked only when something waits.
 */
const steps = [1, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 21_600, 86_400];

/** Whose lag a process tells: groups of one topic, by their names without the prefix. */
export interface GroupLagOf {
  readonly topic: string;
  readonly groups: readonly string[];
}

/** By partition. */
type Offsets = ReadonlyMap<number, number>;

const GROUP_LAG_OF = Symbol('whose lag');

/** Tells the lag of groups by what the broker knows, whichever process has their partitions. */
@Injectable()
export class GroupLagReading implements Reading, OnApplicationShutdown {
  readonly name = 'group lag';
  readonly gauges = [lagMessages, lagSeconds];
  private admin: Admin | undefined;

  constructor(
    scrapes: Scrapes,
    private readonly kafka: KafkaClient,
    @Inject(GROUP_LAG_OF) private readonly lagOf: GroupLagOf,
  ) {
    scrapes.add(this);
  }

  async read(): Promise<Sample[]> {
    try {
      const admin = await this.connected();
      return await this.ask(admin);
    } catch (error) {
      // The next look begins with another connection.
      await this.close();
      throw error;
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  private async ask(admin: Admin): Promise<Sample[]> {
    const topic = this.kafka.topicName(this.lagOf.topic);
    // What is sent in between only looks as if it was dealt with: the ends are asked last.
    const committed = await Promise.all(
      this.lagOf.groups.map((group) => this.committedBy(admin, group, topic)),
    );
    const ends = await admin.fetchTopicOffsets(topic);
    const high = new Map(ends.map((end) => [end.partition, Number(end.high)]));
    const low = new Map(ends.map((end) => [end.partition, Number(end.low)]));
    // A group that never committed begins with what is kept; what is deleted waits for nobody.
    const next = committed.map(
      (offsets): Offsets =>
        new Map(
          [...low].map(([partition, first]) => [
            partition,
            Math.max(first, offsets.get(partition) ?? 0),
          ]),
        ),
    );
    const waiting = next.map((offsets) =>
      sum([...offsets].map(([at, next]) => high.get(at)! - next)),
    );
    const ages = waiting.some((messages) => messages > 0) ? await firstOffsets(admin, topic) : [];
    return this.lagOf.groups.flatMap((group, index) => [
      { of: lagMessages, labels: { group }, value: waiting[index]! },
      { of: lagSeconds, labels: { group }, value: ageOf(next[index]!, high, ages) },
    ]);
  }

  private async committedBy(admin: Admin, group: string, topic: string): Promise<Offsets> {
    const groupId = this.kafka.groupName(group);
    const [of] = await admin.fetchOffsets({ groupId, topics: [topic] });
    return new Map(of!.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  }

  private async connected(): Promise<Admin> {
    if (this.admin) return this.admin;
    const admin = this.kafka.kafka.admin({ retry: { retries: 1 } });
    this.admin = admin;
    await admin.connect();
    return admin;
  }

  private async close(): Promise<void> {
    const { admin } = this;
    this.admin = undefined;
    await admin?.disconnect().catch(() => undefined);
  }
}

interface Age {
  readonly seconds: number;
  /** Of the first message that is younger, by partition. */
  readonly from: Offsets;
}

function firstOffsets(admin: Admin, topic: string): Promise<Age[]> {
  const now = Date.now();
  return Promise.all(
    steps.map(async (seconds) => {
      const found = await admin.fetchTopicOffsetsByTimestamp(topic, now - seconds * 1_000);
      const from = new Map(found.map(({ partition, offset }) => [partition, Number(offset)]));
      return { seconds, from };
    }),
  );
}

/** The greatest age that the next message of any partition has. */
function ageOf(next: Offsets, high: Offsets, ages: readonly Age[]): number {
  const reached = ages.filter(({ from }) =>
    [...next].some(([at, offset]) => offset < high.get(at)! && offset < from.get(at)!),
  );
  return Math.max(0, ...reached.map(({ seconds }) => seconds));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + Math.max(0, one), 0);
}

@Module({})
export class GroupLagMetricsModule {
  static of(lagOf: GroupLagOf): DynamicModule {
    return {
      module: GroupLagMetricsModule,
      imports: [MetricsModule, KafkaModule],
      providers: [{ provide: GROUP_LAG_OF, useValue: lagOf }, GroupLagReading],
    };
  }
}
