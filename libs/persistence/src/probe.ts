import { within } from '@app/config';
import { Client } from 'pg';
import { migrations } from './migrations';

/** It answers, but with an older schema than this release's. */
export class NotMigrated extends Error {
  constructor(pending: number) {
    super(`The database lacks ${pending} migrations: run npm run ops -- setup`);
    this.name = 'NotMigrated';
  }
}

/**
 * Whether PostgreSQL answers and is migrated to this release.
 *
 * @param timeoutMs for all of it: it may hang at any step
 * @throws NotMigrated, or what pg says when it can't connect
 */
export async function probePostgres(url: string, timeoutMs: number): Promise<void> {
  const pending = await pendingMigrations(url, timeoutMs);
  if (pending.length > 0) throw new NotMigrated(pending.length);
}

/**
 * What `migrate` would run, the oldest first.
 *
 * @param timeoutMs for all of it: it may hang at any step
 * @throws what pg says when it can't connect
 */
export async function pendingMigrations(url: string, timeoutMs: number): Promise<string[]> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  });
  // A connection that breaks later is reported by the query that needs it.
  client.on('error', () => undefined);
  return within(timeoutMs, ask(client));
}

async function ask(client: Client): Promise<string[]> {
  try {
    await client.connect();
    return await withoutThoseDone(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function withoutThoseDone(client: Client): Promise<string[]> {
  const table = await client.query<{ present: string | null }>(
    `SELECT to_regclass('public.migrations') AS present`,
  );
  const done = table.rows[0]?.present
    ? await client.query<{ name: string }>('SELECT name FROM public.migrations')
    : { rows: [] };
  const names = new Set(done.rows.map(({ name }) => name));
  return migrations.map(({ name }) => name).filter((name) => !names.has(name));
}
