import { setTimeout as wait } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import type { Settings } from '@app/config';
import { addJob } from '@app/jobs';
import { dataSourceOptions } from '@app/persistence';
import { postgresProbe } from '@app/role';
import { rotateKekTask } from '@app/token-vault';

/** How many channels' tokens are under which key-encryption key. */
export interface KekUse {
  readonly keyId: string;
  readonly channels: number;
}

/**
 * Has another key-encryption key made and every row rewrapped under it. An internal process does
 * it: they alone hold the keys, and no operator's console ever does.
 *
 * @param withinMs milliseconds that it is waited for; it goes on afterwards all the same
 * @returns the keys in use, once it is done
 * @throws Error in an operator's words when it isn't done by then
 */
export async function rotateKek(settings: Settings, withinMs: number): Promise<KekUse[]> {
  await postgresProbe(settings).check(settings.startTimeoutMs);
  const pool = { size: 2, timeoutMs: settings.startTimeoutMs };
  const dataSource = new DataSource(dataSourceOptions(settings.databaseUrl, pool));
  await dataSource.initialize();
  try {
    await request(dataSource);
    await untilDone(dataSource, withinMs);
    return await dataSource.query(
      `SELECT key_id AS "keyId", count(*)::int AS channels FROM vault.tokens
        WHERE wiped_at IS NULL GROUP BY key_id ORDER BY channels DESC, key_id`,
    );
  } finally {
    await dataSource.destroy();
  }
}

async function request(dataSource: DataSource): Promise<void> {
  const [clock]: { now: Date }[] = await dataSource.query('SELECT clock_timestamp() AS now');
  const payload = { askedAt: clock!.now.toISOString() };
  await addJob(dataSource.manager, { task: rotateKekTask, payload, key: rotateKekTask });
}

/** A job that is done is gone. */
async function untilDone(dataSource: DataSource, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const jobs: { attempts: number; lastError: string | null }[] = await dataSource.query(
      `SELECT attempts, last_error AS "lastError" FROM graphile_worker.jobs
        WHERE key = $1 ORDER BY created_at DESC LIMIT 1`,
      [rotateKekTask],
    );
    if (!jobs[0]) return;
    if (Date.now() > deadline) {
      const { attempts, lastError } = jobs[0];
      throw new Error(
        attempts === 0
          ? 'no internal process has taken it yet: it is done as soon as one runs'
          : `it goes on; the last try says: ${lastError?.split('\n', 1)[0] ?? 'nothing yet'}`,
      );
    }
    await wait(100);
  }
}
