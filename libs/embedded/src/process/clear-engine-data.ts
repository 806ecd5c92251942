import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openDataFolder, runFolderOf } from './data-folder';
import { reclaimLeftovers } from './leftovers';
import { removePlaceOutside } from './root-home';

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
  await reclaimLeftovers(runFolderOf(folder), 'engine', say);
  await removePlaceOutside(folder);
  await rm(folder, { recursive: true, force: true });
}
