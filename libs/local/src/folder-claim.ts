import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from '@app/processes';
import { identify, isAlive } from '@app/processes';

/**
 * Claims the data folder for this process, before anything in it is touched: a second stack would
 * choose other ports and keep them, and the first one's engines would come back on those. A claim
 * ends with its process, however that ends.
 *
 * @throws Error with one readable line when another stack runs there
 */
export function claimDataFolder(dataDir: string): void {
  const file = join(dataDir, 'stack.json');
  const holder = holderOf(file);
  if (holder && holder.pid !== process.pid && isAlive(holder)) {
    throw new Error(
      `The local stack already runs on this data folder (process ${holder.pid}): stop that one first, or set DATA_DIR`,
    );
  }
  writeFileSync(file, `${JSON.stringify(identify(process.pid))}\n`);
}

/** Nobody when there is no claim, or one that a crash has cut off. */
function holderOf(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
