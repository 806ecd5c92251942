import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { openDataFolder, runFolderOf } from './data-folder';
import { reclaimLeftovers } from './leftovers';
import { removePlaceOutside } from './root-home';
import { withStartLock } from './start-lock';

/**
 * Removes an engine's data folder with all that belongs to it elsewhere (`--fresh`). A
 * leftover engine on it is ended first.
 *
 * @param dataDir the folder that was given to `startPostgres` or `startKafka`
 * @throws EngineStartError when an engine is in use there or the folder is another user's
 */
export async function clearEngineData(
  dataDir: string,
  say: (line: string) => void = () => undefined,
): Promise<void> {
  if (!existsSync(dataDir)) return;
  const folder = openDataFolder(resolve(dataDir));
  const runFolder = runFolderOf(folder);
  const name = basename(folder);
  await withStartLock(runFolder, name, async () => {
    await reclaimLeftovers(runFolder, name, say);
    await removePlaceOutside(folder);
    await rm(folder, { recursive: true, force: true });
  });
}
