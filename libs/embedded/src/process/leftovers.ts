import { isAlive, untilGone } from '@app/processes';
import { endGroup } from './end-group';
import { type RunRecord, readRunRecords, removeRunRecord } from './run-record';
import { EngineStartError } from './running-engine';

/**
 * Ends what an earlier run left over on a data folder, so that the next start finds it free.
 * An engine is left over when its parent or its guard is gone; one that has both is in use.
 *
 * @returns the records of what is now gone, the leftovers among them
 * @throws EngineStartError when the engine is in use
 */
export async function reclaimLeftovers(
  runFolder: string,
  name: string,
  say: (line: string) => void,
): Promise<RunRecord[]> {
  const found = readRunRecords(runFolder);
  for (const { file, record } of found) {
    if (isAlive(record.engine)) {
      if (isAlive(record.parent) && isAlive(record.guard)) throw inUse(name, record);
      say(`An earlier run left over ${name} (process ${record.engine.pid}): ending it`);
      await endGroup(record.engine.pid, record.stopSignal, untilGone(record.engine));
    }
    removeRunRecord(file);
  }
  return found.map(({ record }) => record);
}

function inUse(name: string, { parent, engine }: RunRecord): EngineStartError {
  return new EngineStartError(
    `The embedded ${name} already runs on this data folder (process ${engine.pid}, started by ` +
      `process ${parent.pid}): stop that one first, or use another data folder.`,
  );
}
