import { LastingConnection, within } from '@app/config';
import type { Client, ClientConfig } from 'pg';
import { LosableClient } from './losable-client';
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

/** The same, again and again, over one connection: a look a second must not cost the server a process. */
export class PostgresProbe {
  private readonly connection: LastingConnection<Client>;

  constructor(url: string) {
    this.connection = new LastingConnection({
      make: (connectionTimeoutMillis, lost) => {
        const client = clientOf(url, { connectionTimeoutMillis });
        // The server went away between two looks: the next one connects anew.
        client.on('error', lost);
        return client;
      },
      open: (client) => client.connect(),
      drop: (client, wasOpen) => {
        // Before it is connected, `end` only takes leave: of a server that says nothing, the socket stays.
        if (wasOpen) void client.end().catch(() => undefined);
        else client.connection.stream.destroy();
      },
    });
  }

  /**
   * @param timeoutMs for all of it: it may hang at any step
   * @throws NotMigrated, or what pg says when it can't connect
   */
  check(timeoutMs: number): Promise<void> {
    return this.connection.ask(timeoutMs, async (client) => {
      const pending = await withoutThoseDone(client);
      if (pending.length > 0) throw new NotMigrated(pending.length);
    });
  }

  close(): void {
    this.connection.close();
  }
}

/**
 * What `migrate` would run, the oldest first.
 *
 * @param timeoutMs for all of it: it may hang at any step
 * @throws what pg says when it can't connect
 */
export async function pendingMigrations(url: string, timeoutMs: number): Promise<string[]> {
  const client = clientOf(url, { connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs });
  return within(timeoutMs, ask(client));
}

function clientOf(url: string, patience: ClientConfig = {}): Client {
  return new LosableClient({ connectionString: url, keepAlive: true, ...patience });
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
