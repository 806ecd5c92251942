import type { DataSourceOptions } from 'typeorm';
import { DataSource } from 'typeorm';
import { ImpatientClient } from './impatient-client';
import { migrations } from './migrations';
import { LosableClient } from './losable-client';

export interface PoolOptions {
  /** Connections at most. */
  readonly size: number;
  /** Milliseconds that somebody waits for a connection. */
  readonly timeoutMs: number;
  /**
   * Milliseconds that one statement may take, for whoever is waited for by a caller. Without it a
   * statement takes as long as it needs: a projection's batch.
   */
  readonly statementTimeoutMs?: number;
  /**
   * Milliseconds that a transaction may stand idle before the server ends it: a process that fell
   * silent, or a network that swallowed its packets, must not hold locks for hours.
   */
  readonly idleTransactionMs?: number;
}

/**
 * How this service talks to PostgreSQL.
 *
 * @param entities of the rooms that the process uses; none for migrating and plain SQL
 */
export function dataSourceOptions(
  url: string,
  pool: PoolOptions,
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
    extra: { keepAlive: true, Client: LosableClient, ...patienceOf(pool) },
    // A lost idle connection is replaced by the pool; without a listener it would end the process.
    poolErrorHandler: () => undefined,
  };
}

/** The server gives up first, and tells so on a connection that lives on; the client if it can't. */
function patienceOf({ statementTimeoutMs, idleTransactionMs }: PoolOptions): object {
  const idle = idleTransactionMs && { idle_in_transaction_session_timeout: idleTransactionMs };
  if (statementTimeoutMs === undefined) return { ...idle };
  return {
    ...idle,
    Client: ImpatientClient,
    statement_timeout: statementTimeoutMs,
    query_timeout: Math.ceil(statementTimeoutMs * 1.1),
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
