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
    await pool.query(sharing);
  } finally {
    await close();
  }
}

/**
 * Whoever runs jobs as a login of its own may use what the schema's owner owns. Its tables have row level security,
 * without a policy of anybody's: its owner alone sees a row in them.
 */
const sharing = `
  DO $$
  DECLARE
    workers CONSTANT text := 'postbreeze_internal, postbreeze_subscribers';
    name text;
  BEGIN
    EXECUTE 'GRANT USAGE ON SCHEMA graphile_worker TO ' || workers;
    EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA graphile_worker TO ' || workers;
    EXECUTE 'GRANT USAGE ON ALL SEQUENCES IN SCHEMA graphile_worker TO ' || workers;
    FOR name IN SELECT relname FROM pg_class
                 WHERE relnamespace = 'graphile_worker'::regnamespace AND relrowsecurity
                   AND NOT EXISTS (SELECT FROM pg_policy
                                    WHERE polrelid = pg_class.oid AND polname = 'workers') LOOP
      EXECUTE format('CREATE POLICY workers ON graphile_worker.%I TO %s USING (true)', name, workers);
    END LOOP;
  END $$`;
