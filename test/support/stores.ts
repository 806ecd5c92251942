import { BACKWARDS, END } from '@eventstore/db-client';
import type { DataSource } from 'typeorm';
import { topics } from '@app/contracts';
import type { EventStore } from '@app/event-store';
import { KafkaClient } from '@app/kafka';
import type { TestBed } from '@app/testing';

/** Where every store stands: equal before and after whatever has written nothing. */
export async function standOfStores(
  bed: TestBed,
  { dataSource, events }: { readonly dataSource: DataSource; readonly events: EventStore },
): Promise<object> {
  return {
    tables: await standOfTables(dataSource),
    events: await lastPosition(events),
    offsets: await endOffsets(bed),
  };
}

/** Each table but the counted requests, by its row versions: also a mere lock changes one. */
export async function standOfTables(dataSource: DataSource): Promise<Record<string, unknown>> {
  const tables: { name: string }[] = await dataSource.query(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
      WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
        AND (schemaname, tablename) <> ('access', 'rate_limits')`,
  );
  const stands: Record<string, unknown> = {};
  for (const { name } of tables) {
    const [stand]: object[] = await dataSource.query(
      `SELECT count(*)::int AS rows,
              md5(string_agg(concat_ws(' ', ctid, xmin, xmax), ',' ORDER BY ctid)) AS versions
         FROM ${name}`,
    );
    stands[name] = stand;
  }
  return stands;
}

/** Of the last event of all, in whatever stream. */
async function lastPosition(events: EventStore): Promise<string | undefined> {
  const reading = events.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 });
  let position: string | undefined;
  // To its end: a read that is left early holds up the client when it closes.
  for await (const { event } of reading) position = event?.position?.commit.toString();
  return position;
}

async function endOffsets(bed: TestBed): Promise<object> {
  const client = new KafkaClient(await bed.settings('relay'));
  const admin = client.kafka.admin();
  await admin.connect();
  try {
    const names = topics.map((topic) => client.topicName(topic));
    return await Promise.all(names.map((name) => admin.fetchTopicOffsets(name)));
  } finally {
    await admin.disconnect();
  }
}
