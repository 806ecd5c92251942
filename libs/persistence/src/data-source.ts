import type { DataSourceOptions } from 'typeorm';
import { DataSource } from 'typeorm';
import { migrations } from './migrations';

/**
 * How this service talks to PostgreSQL.
 *
 * @param entities of the rooms that the process uses; none for migrating and plain SQL
 */
export function dataSourceOptions(
  url: string,
  pool: { readonly size: number; readonly timeoutMs: number },
  entities: DataSourceOptions['entities'] = [],
): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    entities,
    migrations,
    migrationsTableName: 'migrations',
    poolSize: pool.size,
    connectTimeoutMS: pool.timeoutMs,
    applicationName: 'postbreeze-channels',
    extra: { keepAlive: true },
    // A lost idle connection is replaced by the pool; without a listener it would end the process.
    poolErrorHandler: () => undefined,
  };
}

/** Brings the schema to this release's. Safe to repeat; returns the names of what it ran. */
export async function migrate(url: string): Promise<string[]> {
  const dataSource = new DataSource(dataSourceOptions(url, { size: 2, timeoutMs: 10_000 }));
  await dataSource.initialize();
  try {
    const done = await dataSource.runMigrations({ transaction: 'each' });
    return done.map(({ name }) => name);
  } finally {
    await dataSource.destroy();
  }
}
