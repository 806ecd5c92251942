import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RunRecord } from '../process/run-record';

/**
 * Removes `postmaster.pid` when the server that wrote it is known to be gone. PostgreSQL only
 * looks whether some process of that number and user runs, so that after a reboot a stranger
 * with the same number would keep it from starting.
 *
 * @param gone the records of servers that don't run any more
 */
export function removeStaleLock(cluster: string, gone: readonly RunRecord[]): void {
  const lock = join(cluster, 'postmaster.pid');
  const pid = writerOf(lock);
  if (gone.some(({ engine }) => engine.pid === pid)) rmSync(lock, { force: true });
}

function writerOf(lock: string): number | undefined {
  try {
    return Number(readFileSync(lock, 'utf8').split('\n')[0]);
  } catch {
    return undefined;
  }
}
