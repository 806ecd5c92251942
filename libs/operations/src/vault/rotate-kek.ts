import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { Settings } from '@app/config';
import { addJob } from '@app/jobs';
import { rotateKekTask } from '@app/token-vault';
import type { AuditedChange } from '../changes/change';
import { auditedChange } from '../changes/change';
import { withDatabase } from '../with-database';

/** How many channels' tokens are under which key-encryption key. */
export interface KekUse {
  readonly keyId: string;
  readonly channels: number;
}

/** How a rotation is waited for. */
export interface RotationWait {
  /** Milliseconds; it goes on afterwards all the same. */
  readonly withinMs: number;
  /** Told now and then, and once at the end, of how many channels' tokens are rewrapped. */
  readonly onProgress: (done: number, total: number) => void;
}

/** Milliseconds between two looks at how far it is, which count every row. */
const countEveryMs = 1_000;

/**
 * Another key-encryption key, and every row rewrapped under it. An internal process does it: they
 * alone hold the keys, and no operator's console ever does. `apply` answers the keys in use, once it
 * is done, and throws when it isn't by then.
 */
export function rotatingKek(settings: Settings, wait: RotationWait): AuditedChange<KekUse[]> {
  return auditedChange(settings, {
    command: 'vault rotate-kek',
    args: {},
    preview: async () => {
      const uses = await withDatabase(settings, [], usesOf);
      return [`have another key made, and the tokens of ${sum(uses)} channels rewrapped under it`];
    },
    apply: () =>
      withDatabase(settings, [], async (dataSource) => {
        const before = await usesOf(dataSource);
        await request(dataSource);
        await untilDone(dataSource, before, wait);
        const after = await usesOf(dataSource);
        wait.onProgress(sum(after), sum(after));
        return after;
      }),
  });
}

function usesOf(dataSource: DataSource): Promise<KekUse[]> {
  return dataSource.query(
    `SELECT key_id AS "keyId", count(*)::int AS channels FROM vault.tokens
      WHERE wiped_at IS NULL GROUP BY key_id ORDER BY channels DESC, key_id`,
  );
}

function sum(uses: readonly KekUse[]): number {
  return uses.reduce((channels, use) => channels + use.channels, 0);
}

/** Those under a key that there wasn't before. */
async function rewrapped(dataSource: DataSource, before: readonly KekUse[]): Promise<number> {
  const uses = await usesOf(dataSource);
  return sum(uses.filter(({ keyId }) => !before.some((use) => use.keyId === keyId)));
}

async function request(dataSource: DataSource): Promise<void> {
  const [clock]: { now: Date }[] = await dataSource.query('SELECT clock_timestamp() AS now');
  const payload = { askedAt: clock!.now.toISOString() };
  await addJob(dataSource.manager, { task: rotateKekTask, payload, key: rotateKekTask });
}

/** A job that is done is gone. */
async function untilDone(
  dataSource: DataSource,
  before: readonly KekUse[],
  { withinMs, onProgress }: RotationWait,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  let countAt = Date.now() + countEveryMs;
  for (;;) {
    const jobs: { attempts: number; lastError: string | null }[] = await dataSource.query(
      `SELECT attempts, last_error AS "lastError" FROM graphile_worker.jobs
        WHERE key = $1 ORDER BY created_at DESC LIMIT 1`,
      [rotateKekTask],
    );
    if (!jobs[0]) return;
    if (Date.now() > countAt) {
      onProgress(await rewrapped(dataSource, before), sum(before));
      countAt = Date.now() + countEveryMs;
    }
    if (Date.now() > deadline) {
      const { attempts, lastError } = jobs[0];
      throw new Error(
        attempts === 0
          ? 'no internal process has taken it yet: it is done as soon as one runs'
          : `it goes on; the last try says: ${lastError?.split('\n', 1)[0] ?? 'nothing yet'}`,
      );
    }
    await sleep(100);
  }
}
