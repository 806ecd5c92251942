import { runMigrations } from 'graphile-worker';
import { jobLogger } from './job-logger';

/** Brings graphile-worker's own schema to its release's. Safe to repeat; part of `ops setup`. */
export async function installWorkerSchema(databaseUrl: string): Promise<void> {
  await runMigrations({ connectionString: databaseUrl, logger: jobLogger });
}
