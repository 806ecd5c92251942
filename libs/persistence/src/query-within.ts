import { within } from '@app/config';
import type { PoolClient } from 'pg';
import type { DataSource } from 'typeorm';

/**
 * One statement that nobody waits for longer than that. A connection that falls silent answers nothing
 * for hours, until TCP finds out: so it is given up with the statement, and the pool opens another one.
 * Left in the pool, a few of them would be all that there is.
 *
 * @throws Error when there is no answer in time, or what PostgreSQL says
 */
export async function queryWithin<T>(
  dataSource: DataSource,
  withinMs: number,
  sql: string,
  parameters: unknown[],
): Promise<T> {
  const runner = dataSource.createQueryRunner();
  const asking = (async () => {
    try {
      await runner.connect();
      return (await runner.query(sql, parameters)) as T;
    } finally {
      await runner.release();
    }
  })();
  return within(Math.max(withinMs, 0), asking, (message) => {
    void giveUp(runner.connect() as Promise<PoolClient>);
    return new Error(`PostgreSQL: ${message}`);
  });
}

/** With a statement under way it destroys the socket; the statement fails, and the pool drops it. */
async function giveUp(connecting: Promise<PoolClient>): Promise<void> {
  // One that never came about is the pool's, which has its own time limit.
  const client = await connecting.catch(() => undefined);
  await (client as unknown as { end(): Promise<void> } | undefined)?.end();
}
