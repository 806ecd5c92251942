import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { channelsTopic, disconnectionsTopic } from '@app/contracts';
import type { ChannelId } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';
import { channelStream, disconnectionStream, EventStore } from '@app/event-store';
import { KafkaClient } from '@app/kafka';
import type { LocalStack } from '../local-stack';

/** Something that happened, as the store that keeps it tells it. */
export interface Happening {
  readonly at: Date;
  readonly store: 'EventStoreDB' | 'Kafka' | 'PostgreSQL';
  readonly what: string;
}

/** What each store holds of a channel at this moment. */
export interface Holdings {
  readonly sealedTokens: number;
  readonly snapshots: number;
  readonly comments: number;
  readonly pendingTargets: number;
  readonly canceledTargets: number;
  readonly publishedTargets: number;
}

/** Counts, in PostgreSQL, what a disconnect of the channel has to take away or leave. */
export async function holdingsOf(dataSource: DataSource, id: ChannelId): Promise<Holdings> {
  const rows: Holdings[] = await dataSource.query(
    `SELECT
       (SELECT count(*)::int FROM vault.tokens
         WHERE channel_id = $1 AND sealed_tokens IS NOT NULL) AS "sealedTokens",
       (SELECT count(*)::int FROM insights.analytics_snapshots WHERE channel_id = $1) AS snapshots,
       (SELECT count(*)::int FROM insights.comments WHERE channel_id = $1) AS comments,
       count(*) FILTER (WHERE status IN ('SCHEDULED', 'NEEDS_APPROVAL'))::int AS "pendingTargets",
       count(*) FILTER (WHERE status = 'CANCELED')::int AS "canceledTargets",
       count(*) FILTER (WHERE status = 'PUBLISHED')::int AS "publishedTargets"
     FROM publishing.post_targets WHERE channel_id = $1`,
    [id],
  );
  return rows[0]!;
}

/** Everything that the stores recorded of the channel's disconnection, oldest first. */
export async function happeningsOf(
  { urls, settings }: Pick<LocalStack, 'urls' | 'settings'>,
  dataSource: DataSource,
  id: ChannelId,
): Promise<Happening[]> {
  const events = new EventStore(urls.eventstoreUrl, settings.startTimeoutMs);
  try {
    const recorded = [
      ...(await events.read(channelStream(id))).filter(
        ({ event }) => event.type === 'ChannelDisconnected',
      ),
      ...(await events.read(disconnectionStream(id))),
    ];
    const happenings = [
      ...recorded.map(fromEvent),
      ...(await fromKafka(new KafkaClient(settings), id)),
      ...(await fromWork(dataSource, id)),
    ];
    return happenings.sort((a, b) => a.at.getTime() - b.at.getTime());
  } finally {
    await events.close();
  }
}

function fromEvent({ recordedAt, stream, revision, event }: RecordedEvent): Happening {
  const detail =
    event.type === 'EffectFinished'
      ? ` ${event.data.effect} ${event.data.status} ${JSON.stringify(event.data.counts)}`
      : '';
  return {
    at: recordedAt,
    store: 'EventStoreDB',
    what: `${stream.replace(/-soc_.*/, '')}@${revision} ${event.type}${detail}`,
  };
}

/** When each effect's own transaction was done, and what it changed. */
async function fromWork(dataSource: DataSource, id: ChannelId): Promise<Happening[]> {
  const rows: { effect: string; counts: unknown; attempts: number; finished_at: Date }[] =
    await dataSource.query(
      `SELECT effect, counts, attempts, finished_at FROM effects.work
        WHERE channel_id = $1 AND finished_at IS NOT NULL`,
      [id],
    );
  return rows.map(({ effect, counts, attempts, finished_at }) => ({
    at: finished_at,
    store: 'PostgreSQL',
    what: `${effect} committed ${JSON.stringify(counts)}, attempt ${attempts}`,
  }));
}

/** Reads both topics from the beginning up to their ends of now, in a group of its own. */
async function fromKafka(client: KafkaClient, id: ChannelId): Promise<Happening[]> {
  const names = [channelsTopic, disconnectionsTopic].map((topic) => client.topicName(topic));
  const groupId = client.groupName(`demo-${randomUUID()}`);
  const admin = client.kafka.admin();
  const consumer = client.kafka.consumer({ groupId, maxWaitTimeInMs: 200 });
  await admin.connect();
  try {
    const pending = await unreadPartitions(admin, names);
    const found: Happening[] = [];
    await consumer.connect();
    await consumer.subscribe({ topics: names, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      if (pending.size === 0) resolve();
      const eachMessage: NonNullable<Parameters<typeof consumer.run>[0]>['eachMessage'] = async ({
        topic,
        partition,
        message,
      }) => {
        const { key, offset, headers, timestamp } = message;
        if (key?.toString() === id && headers?.['ce_type']?.toString().includes('disconnect')) {
          const what = `${topic}/${partition}@${offset} ${headers['ce_type'].toString()}`;
          found.push({ at: new Date(Number(timestamp)), store: 'Kafka', what });
        }
        const place = `${topic}/${partition}`;
        const end = pending.get(place);
        if (end !== undefined && BigInt(offset) + 1n >= end) pending.delete(place);
        if (pending.size === 0) resolve();
      };
      consumer.run({ autoCommit: false, eachMessage }).catch(reject);
    });
    return found;
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => undefined);
    await admin.disconnect();
  }
}

type Admin = ReturnType<KafkaClient['kafka']['admin']>;

/** The end of each partition that isn't empty. */
async function unreadPartitions(
  admin: Admin,
  topics: readonly string[],
): Promise<Map<string, bigint>> {
  const ends = new Map<string, bigint>();
  for (const topic of topics) {
    for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) {
      if (BigInt(high) > BigInt(low)) ends.set(`${topic}/${partition}`, BigInt(high));
    }
  }
  return ends;
}
