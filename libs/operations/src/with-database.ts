import type { DataSourceOptions } from 'typeorm';
import { DataSource } from 'typeorm';
import type { Settings } from '@app/config';
import { dataSourceOptions } from '@app/persistence';
import { askOnce, postgresProbe } from '@app/role';

/**
 * Does something with the database, and lets go of it afterwards.
 *
 * @throws Error in one line that says what to do, when it is away or not migrated
 */
export async function withDatabase<T>(
  settings: Settings,
  entities: DataSourceOptions['entities'],
  work: (dataSource: DataSource) => Promise<T>,
): Promise<T> {
  await askOnce(postgresProbe(settings), settings.startTimeoutMs);
  const pool = { size: 4, timeoutMs: settings.startTimeoutMs };
  const dataSource = new DataSource(dataSourceOptions(settings.databaseUrl, pool, entities));
  await dataSource.initialize();
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
