import { Appender, type ReadOnlyError } from './appender';
import { CommitSignal } from './commit-signal';
import { EventLog } from './event-log';
import { prepareFolder } from './folder';
import { lockFolder } from './folder-lock';

/** An open store: everything that the protocol above it needs. */
export interface Store {
  readonly log: EventLog;
  readonly appender: Appender;
  readonly committed: CommitSignal;
  /** Waits for appends on their way, then gives the folder back. */
  close(): Promise<void>;
}

/**
 * Opens a folder for this process alone.
 *
 * @param options.rememberedIds how many ids of events `any` and `stream_exists` know a repeat by;
 *   undefined for as many as fit into 10 MB
 * @param options.onFailure told once, when a write fails and the store becomes read-only
 * @throws UnusableFolderError when the folder is in use, of a newer format, or not a store
 */
export async function openStore(
  folder: string,
  options: {
    fsync: boolean;
    rememberedIds?: number;
    onFailure: (failure: ReadOnlyError) => void;
  },
): Promise<Store> {
  const path = prepareFolder(folder);
  const lock = await lockFolder(path);
  const log = EventLog.open(path, options);
  const committed = new CommitSignal();
  const appender = new Appender(log, committed, options);
  return {
    log,
    appender,
    committed,
    close: async () => {
      await appender.settled();
      await log.close();
      await lock.release();
    },
  };
}
