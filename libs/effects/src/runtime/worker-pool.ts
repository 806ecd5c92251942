import { Pool } from 'pg';

/** A pool for graphile-worker, which wants its pool's errors handled. */
export function openWorkerPool(
  databaseUrl: string,
  options: { readonly max: number; readonly connectTimeoutMs: number },
): Pool {
  const pool = new Pool({
    connectionString: databaseUrl,
    connectionTimeoutMillis: options.connectTimeoutMs,
    application_name: 'postbreeze-jobs',
    keepAlive: true,
    max: options.max,
  });
  // A lost connection is reported by the statement that needs it; an event without a listener
  // would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
