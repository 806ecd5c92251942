import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { readdirSync, realpathSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * Raise it when older code could misread what newer code has written. 2 brought tombstones, whose
 * revision older code would have counted on from; 3 a checksum in each event.
 */
export const FORMAT_VERSION = 3;
const FORMAT_FILE = 'format.json';
/** There while a store is being made; what it stands beside holds nothing that was acknowledged. */
const FORMAT_DRAFT = `${FORMAT_FILE}.new`;
/** LMDB's, with all that is stored. */
export const DATABASE_FILE = 'events.mdb';

/** A folder that this code must not touch: `message` is one line that says what to do. */
export class UnusableFolderError extends Error {
  override readonly name = 'UnusableFolderError';
}

/**
 * @returns the real path of a folder, which is made when it is missing
 * @throws UnusableFolderError when it can't be
 */
export function makeFolder(folder: string): string {
  const first = make(folder);
  // A folder is on disk when the one above it is.
  for (let made = resolve(folder); first && made.length >= first.length; made = dirname(made)) {
    syncFolder(dirname(made));
  }
  return realpathSync(folder);
}

/** @returns the first folder that had to be made */
function make(folder: string): string | undefined {
  try {
    return mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new UnusableFolderError(
      `${folder} can't be made a data folder: choose another one (${(error as Error).message})`,
      { cause: error },
    );
  }
}

/**
 * Makes sure that a folder holds events in a format that this code reads, or nothing. An empty one
 * becomes a new store, which {@link completeFolder} has to complete; one that was left before that
 * begins anew.
 *
 * @param path locked by the caller, since what was left incomplete is removed
 * @returns whether the database is to be made
 * @throws UnusableFolderError when it is of a newer format, holds something else or lacks its database
 */
export function prepareFolder(path: string): { isNew: boolean } {
  const format = join(path, FORMAT_FILE);
  const hasDatabase = existsSync(join(path, DATABASE_FILE));
  if (existsSync(format)) {
    const version = checkFormat(path, readFileSync(format, 'utf8'));
    if (!hasDatabase) {
      throw new UnusableFolderError(
        `${path} has lost its ${DATABASE_FILE}: restore the folder from a copy, or empty it`,
      );
    }
    if (version < FORMAT_VERSION) writeFormat(path);
    return { isNew: false };
  }
  if (existsSync(join(path, FORMAT_DRAFT))) {
    for (const name of [DATABASE_FILE, `${DATABASE_FILE}-lock`])
      rmSync(join(path, name), { force: true });
  } else if (readdirSync(path).some((name) => name.endsWith('.mdb'))) {
    throw new UnusableFolderError(
      `${path} holds a database but no ${FORMAT_FILE}: it was not made by this event store, ` +
        'or is damaged; choose another data folder',
    );
  }
  draftFormat(path);
  return { isNew: true };
}

/**
 * The last step of making a store, once its database is on disk: from then on a database that is
 * missing or empty is a loss.
 */
export function completeFolder(path: string): void {
  // First the names of the database's files, then the one that vouches for them.
  syncFolder(path);
  renameSync(join(path, FORMAT_DRAFT), join(path, FORMAT_FILE));
  syncFolder(path);
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
  draftFormat(path);
  completeFolder(path);
}

function draftFormat(path: string): void {
  const handle = openSync(join(path, FORMAT_DRAFT), 'w');
  writeSync(handle, `${JSON.stringify({ version: FORMAT_VERSION })}\n`);
  fsyncSync(handle);
  closeSync(handle);
  syncFolder(path);
}

/** A new name in a folder outlives a loss of power once the folder itself is synced. */
function syncFolder(path: string): void {
  // Windows knows no such thing.
  if (process.platform === 'win32') return;
  const handle = openSync(path, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
