import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { identify } from '@app/processes';

/**
 * Fills a folder once, so that it is complete or not there at all: `fill` works in a scratch
 * folder beside it, which gets the name only when it is done. Of two processes that fill the
 * same one at once, the first to end wins, and both find it complete.
 *
 * @param fill makes the scratch folder and everything in it
 * @returns whether it was filled now; false when it was there
 */
export async function fillOnce(
  target: string,
  fill: (scratch: string) => Promise<void>,
): Promise<boolean> {
  if (existsSync(target)) return false;
  await mkdir(dirname(target), { recursive: true });
  await removeAbandoned(target);
  const scratch = `${target}.partial-${process.pid}-${randomBytes(3).toString('hex')}`;
  try {
    await fill(scratch);
    await renameUnlessThere(scratch, target);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return true;
}

async function renameUnlessThere(scratch: string, target: string): Promise<void> {
  try {
    await rename(scratch, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

/** Scratch folders of processes that were killed; what they started may still be writing. */
async function removeAbandoned(target: string): Promise<void> {
  const prefix = `${basename(target)}.partial-`;
  for (const name of await readdir(dirname(target))) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(name.slice(prefix.length).split('-')[0]);
    if (!identify(pid)) {
      await rm(join(dirname(target), name), { recursive: true, force: true, maxRetries: 10 });
    }
  }
}
