import { join } from 'node:path';
import { Appender, type FailedWrites } from './appender';
import { CommitSignal } from './commit-signal';
import { EventLog } from './event-log';
import { checkFile } from './file-check';
import { completeFolder, DATABASE_FILE, makeFolder, prepareFolder } from './folder';
import { lockFolder } from './folder-lock';

/** An open store: everything that the protocol above it needs. */
export interface Store {
  readonly log: EventLog;
  readonly appender: Appender;
  readonly committed: CommitSignal;
  /**
   * Settles when every page that was on disk is checked; until then nothing may be read or written.
   * Rejects with an UnusableFolderError when one is damaged.
   */
  readonly sound: Promise<void>;
  /** Waits for appends on their way, then gives the folder back. */
  close(): Promise<void>;
}

/**
 * Opens a folder for this process alone.
 *
 * @param options.rememberedIds how many ids of events `any` and `stream_exists` know a repeat by;
 *   undefined for as many as fit into 10 MB
 * @throws UnusableFolderError when the folder is in use, of a newer format, or not a store
 */
export async function openStore(
  folder: string,
  options: FailedWrites & { fsync: boolean; rememberedIds?: number },
): Promise<Store> {
  const path = makeFolder(folder);
  const lock = await lockFolder(path);
  try {
    const { log, sound } = openLog(path, options);
    const committed = new CommitSignal();
    const appender = new Appender(log, committed, options);
    return {
      log,
      appender,
      committed,
      sound,
      close: async () => {
        await sound.catch(() => undefined);
        await appender.settled();
        await log.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function openLog(path: string, options: { fsync: boolean }): Pick<Store, 'log' | 'sound'> {
  if (prepareFolder(path).isNew) {
    const log = EventLog.open(path, options);
    completeFolder(path);
    return { log, sound: Promise.resolve() };
  }
  const file = join(path, DATABASE_FILE);
  const pages = checkFile(file);
  const log = EventLog.open(path, options);
  const checkEnd = (): void => log.checkEnd(file);
  if (pages === 'checked') checkEnd();
  const sound = pages === 'checked' ? Promise.resolve() : pages.then(checkEnd);
  // Whoever opens the store hears of it in their own time.
  sound.catch(() => undefined);
  return { log, sound };
}
