import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { readdirSync, realpathSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Raise it when older code could misread what newer code has written. 2 brought tombstones, whose
 * revision older code would have counted on from.
 */
export const FORMAT_VERSION = 2;
const FORMAT_FILE = 'format.json';
/** LMDB's, with all that is stored. */
export const DATABASE_FILE = 'events.mdb';

/** A folder that this code must not touch: `message` is one line that says what to do. */
export class UnusableFolderError extends Error {
  override readonly name = 'UnusableFolderError';
}

/**
 * Makes sure that a folder holds events in a format that this code reads; an empty or missing
 * one becomes a new store.
 *
 * @returns the folder's real path
 * @throws UnusableFolderError when it is of a newer format, or holds something else
 */
export function prepareFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const path = realpathSync(folder);
  const file = join(path, FORMAT_FILE);
  if (existsSync(file)) {
    const version = checkFormat(path, readFileSync(file, 'utf8'));
    if (version < FORMAT_VERSION) writeFormat(path);
  } else if (readdirSync(path).some((name) => name.endsWith('.mdb'))) {
    throw new UnusableFolderError(
      `${path} holds a database but no ${FORMAT_FILE}: it was not made by this event store, ` +
        'or is damaged; choose another data folder',
    );
  } else {
    writeFormat(path);
  }
  return path;
}

/**
 * The folder of a store that is there, for whoever only looks at it: nothing is made or changed.
 *
 * @returns the folder's real path
 * @throws UnusableFolderError when it holds no store, or one of a newer format
 */
export function findFolder(folder: string): string {
  const file = join(folder, FORMAT_FILE);
  if (!existsSync(file) || !existsSync(join(folder, DATABASE_FILE))) {
    throw new UnusableFolderError(
      `There is no event store in ${folder}: start one there, or choose another data folder`,
    );
  }
  const path = realpathSync(folder);
  checkFormat(path, readFileSync(file, 'utf8'));
  return path;
}

/** @returns the version, one that this code reads */
function checkFormat(path: string, content: string): number {
  const version = readVersion(content);
  if (version === undefined) {
    throw new UnusableFolderError(
      `${join(path, FORMAT_FILE)} can't be read: restore the folder from a copy, or empty it`,
    );
  }
  if (version > FORMAT_VERSION) {
    throw new UnusableFolderError(
      `${path} was written in format ${version}, this event store reads up to ${FORMAT_VERSION}: ` +
        'update the project, or choose another data folder',
    );
  }
  return version;
}

function readVersion(content: string): number | undefined {
  try {
    const parsed: unknown = JSON.parse(content);
    const holder = typeof parsed === 'object' && parsed !== null && 'version' in parsed;
    return holder && Number.isInteger(parsed.version) ? Number(parsed.version) : undefined;
  } catch {
    return undefined;
  }
}

/** Renamed into place, so that the file is there whole or not at all. */
function writeFormat(path: string): void {
  const draft = join(path, `${FORMAT_FILE}.new`);
  const handle = openSync(draft, 'w');
  writeSync(handle, `${JSON.stringify({ version: FORMAT_VERSION })}\n`);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(draft, join(path, FORMAT_FILE));
}
