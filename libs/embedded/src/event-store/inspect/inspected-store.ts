import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readEnvironment, Settings } from '@app/config';
import { EventLog } from '../store/event-log';
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
export function openInspected(dataDir: string | undefined, signal: AbortSignal): InspectedStore {
  const folder = findFolder(storeFolder(dataDir ?? localStackFolder()));
  const file = join(folder, DATABASE_FILE);
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

function localStackFolder(): string {
  return readEnvironment()['DATA_DIR'] || new Settings().dataDir;
}

/** A local stack keeps its event store in a folder of that name. */
function storeFolder(dataDir: string): string {
  const ofStack = join(dataDir, 'event-store');
  return resolve(existsSync(ofStack) ? ofStack : dataDir);
}
