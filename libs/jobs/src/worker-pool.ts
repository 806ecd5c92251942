import { setTimeout as wait } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import { Pool } from 'pg';

/** Milliseconds that connections have to end in order. */
const closeWithinMs = 500;

/** A pool for graphile-worker, and its end. */
export interface WorkerPool {
  readonly pool: Pool;
  /**
   * Ends it within a second. What still holds a connection then loses it, and whoever waits for an
   * answer on it is told: graphile-worker may wait for ever on a server that was killed.
   */
  close(): Promise<void>;
}

/** A pool for graphile-worker, which wants its pool's errors handled. */
export function openWorkerPool(
  databaseUrl: string,
  options: { readonly max: number; readonly connectTimeoutMs: number },
): WorkerPool {
  const pool = new Pool({
    connectionString: databaseUrl,
    connectionTimeoutMillis: options.connectTimeoutMs,
    application_name: 'postbreeze-jobs',
    keepAlive: true,
    max: options.max,
    // Its statements are short: a connection that fell silent must not keep a worker for ever.
    query_timeout: 10_000,
  });
  const clients = new Set<PoolClient>();
  // A lost connection is reported by the statement that needs it; an event without a listener
  // would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    clients.add(client);
  });
  pool.on('remove', (client) => clients.delete(client));
  return { pool, close: () => close(pool, clients) };
}

async function close(pool: Pool, clients: ReadonlySet<PoolClient>): Promise<void> {
  const ended = pool.end().catch(() => undefined);
  await Promise.race([ended, wait(closeWithinMs, undefined, { ref: false })]);
  for (const client of clients) streamOf(client).destroy();
}

/** pg's own types leave it out. */
function streamOf(client: PoolClient): { destroy(): void } {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;
}
