import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readEnvironment, Settings } from '@app/config';
import { EventLog } from '../store/event-log';
import { checkFile } from '../store/file-check';
import { isHeld } from '../store/folder-lock';
import { DATABASE_FILE, findFolder, UnusableFolderError } from '../store/folder';

/** LMDB tells other processes nothing of a commit: they look. */
const LOOK_EVERY_MS = 200;

export interface InspectedStore {
  readonly log: EventLog;
  /** Settles when it is time to look for new events. @throws UnusableFolderError when the file is gone */
  readonly mayHaveGrown: () => Promise<void>;
}

/**
 * Opens a store to look into it, whoever else has it open. The caller closes the log.
 *
 * @param dataDir of a store, or of a local stack; undefined is the local stack's by its setting
 * @param signal ends the waiting for new events
 * @throws UnusableFolderError
 */
export async function openInspected(
  dataDir: string | undefined,
  signal: AbortSignal,
): Promise<InspectedStore> {
  const folder = findFolder(storeFolder(dataDir ?? localStackFolder()));
  const file = join(folder, DATABASE_FILE);
  await checkUnlessHeld(folder, file);
  const { ino } = statSync(file);
  return {
    log: EventLog.openToRead(folder),
    mayHaveGrown: async () => {
      await wait(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
      if (!existsSync(file) || statSync(file).ino !== ino) {
        throw new UnusableFolderError(`${folder} was emptied meanwhile: look again`);
      }
    },
  };
}

/**
 * LMDB would end this process without a word on a file that is damaged. While a store runs, it has
 * checked the file at its start, and now changes it: to check it again would find half of a change.
 */
async function checkUnlessHeld(folder: string, file: string): Promise<void> {
  if (await isHeld(folder)) return;
  try {
    await checkFile(file);
  } catch (error) {
    // A store that has started meanwhile looks itself, and writes.
    if (!(await isHeld(folder))) throw error;
  }
}

function localStackFolder(): string {
  return readEnvironment()['DATA_DIR'] || new Settings().dataDir;
}

/** A local stack keeps its event store in a folder of that name. */
function storeFolder(dataDir: string): string {
  const ofStack = join(dataDir, 'event-store');
  return resolve(existsSync(ofStack) ? ofStack : dataDir);
}
