import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcessIdentity, isAlive } from '@app/processes';
import { ourselves } from './ourselves';
import { EngineStartError } from './running-engine';

/**
 * Lets one start at a time work on a data folder: two would overwrite each other's password,
 * ports and log before PostgreSQL or Kafka refuses one of them. The lock of a process that
 * died doesn't count.
 *
 * @throws EngineStartError when another start is at it
 */
export async function withStartLock<T>(
  runFolder: string,
  name: string,
  start: () => Promise<T>,
): Promise<T> {
  mkdirSync(runFolder, { recursive: true });
  const lock = join(runFolder, 'starting');
  const holder = holderOf(lock);
  if (holder && !isAlive(holder)) rmSync(lock, { force: true });
  if (!take(lock)) {
    throw new EngineStartError(
      `The embedded ${name} is just being started on this data folder by process ` +
        `${holderOf(lock)?.pid ?? 'unknown'}: wait for it, or use another data folder.`,
    );
  }
  try {
    return await start();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** A link is made with its content or not at all, and never over another one. */
function take(lock: string): boolean {
  const us = ourselves();
  const draft = `${lock}.${us.pid}`;
  writeFileSync(draft, JSON.stringify(us));
  try {
    linkSync(draft, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function holderOf(lock: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(lock, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
