import { Client } from 'pg';

const CONNECT_WITHIN_MS = 2_000;

/** One connection and one query, as any client would make them; throws when refused. */
export async function probeServer(url: string): Promise<void> {
  await withClient(url, (client) => client.query('SELECT 1'));
}

/**
 * Creates the database when it isn't there.
 *
 * @param url of another database of the server
 * @param name a plain identifier
 */
export async function ensureDatabase(url: string, name: string): Promise<void> {
  await withClient(url, async (client) => {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0)
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  });
}

async function withClient(url: string, use: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    query_timeout: 30_000,
  });
  // The server may end at any time; without a listener that would end us as well.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
