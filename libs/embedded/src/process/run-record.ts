import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from '@app/processes';

/** A guarded process, written down so that a later start recognises what was left over. */
export interface RunRecord {
  readonly parent: ProcessIdentity;
  readonly guard: ProcessIdentity;
  readonly engine: ProcessIdentity;
  readonly stopSignal: NodeJS.Signals;
}

/**
 * One file for each guard, so that two starts at once never overwrite each other's record.
 *
 * @returns the file, to be removed when the process has ended
 */
export function writeRunRecord(runFolder: string, record: RunRecord): string {
  mkdirSync(runFolder, { recursive: true });
  const file = join(runFolder, `${record.guard.pid}.json`);
  // A guard may be killed while it writes: the name appears only with the whole record.
  writeFileSync(`${file}.new`, JSON.stringify(record));
  renameSync(`${file}.new`, file);
  return file;
}

/** The records in a folder, with the file of each; none when there is no folder. */
export function readRunRecords(runFolder: string): { file: string; record: RunRecord }[] {
  return namesIn(runFolder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(runFolder, name))
    .flatMap((file) => {
      const record = readRecord(file);
      return record ? [{ file, record }] : [];
    });
}

export function removeRunRecord(file: string): void {
  rmSync(file, { force: true });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A guard removes its record when its process ends, which may be just now. */
function readRecord(file: string): RunRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunRecord;
  } catch {
    return undefined;
  }
}
