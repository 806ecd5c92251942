import type { Settings } from '@app/config';
import { topics } from '@app/contracts';
import { installWorkerSchema } from '@app/jobs';
import { createTopics } from '@app/kafka';
import { migrate } from '@app/persistence';

/** What a set-up changed; empty lists when everything was there. */
export interface SetUpReport {
  readonly migrations: readonly string[];
  readonly topics: readonly string[];
}

/**
 * Brings the database and Kafka to this release: schema, the workers' own schema, topics. Safe
 * to repeat, and to be run before a rolling upgrade.
 */
export async function setUp(settings: Settings): Promise<SetUpReport> {
  const migrations = await migrate(settings.databaseUrl);
  await installWorkerSchema(settings.databaseUrl);
  return { migrations, topics: await createTopics(settings, topics, settings.startTimeoutMs) };
}
