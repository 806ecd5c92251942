import { Client, DatabaseError } from 'pg';
import { EngineStartError } from '../process/running-engine';

const CONNECT_WITHIN_MS = 2_000;
const WRONG_PASSWORD = '28P01';

/**
 * Creates the database when it isn't there.
 *
 * @param url of another database of the server
 * @throws EngineStartError when the password isn't the server's; whatever else pg throws,
 *   while the server is starting or recovering, may be over in a moment
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
  } catch (error) {
    if (error instanceof DatabaseError && error.code === WRONG_PASSWORD) {
      throw new EngineStartError(
        'The embedded PostgreSQL refuses the password in its data folder: use --fresh.',
      );
    }
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}
