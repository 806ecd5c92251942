import { runMigrations } from 'graphile-worker';
import { jobLogger } from './job-logger';
import { openWorkerPool } from './worker-pool';

/**
 * Brings graphile-worker's own schema to its release's. Safe to repeat; part of `ops setup`. No
 * connection is left when it resolves: a template database can be cloned then.
 */
export async function installWorkerSchema(databaseUrl: string): Promise<void> {
  const { pool, close } = openWorkerPool(databaseUrl, { max: 1, connectTimeoutMs: 10_000 });
  try {
    await runMigrations({ pgPool: pool, logger: jobLogger });
  } finally {
    await close();
  }
}
