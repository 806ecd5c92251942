import { Client } from 'pg';

/** Runs SQL over a connection of its own, which is gone afterwards. */
export async function runSql(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
