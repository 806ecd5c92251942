import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { projectRoot } from './project-root';
import { EngineStartError } from './running-engine';

/**
 * What root's PostgreSQL needs lies outside the checkout. PostgreSQL refuses to run as root,
 * so it runs as `nobody`, who can't enter root's home folder or any other folder with mode
 * 0700. Each checkout has one home: the binaries, and a folder for each data folder, which
 * holds a pointer to it.
 */
const PREFIX = '/var/tmp/postbreeze-channels-';
const OUTSIDE = /^\/var\/tmp\/postbreeze-channels-[0-9a-f]{12}\/data-[0-9a-f]{12}$/;

/**
 * This checkout's home, made when absent.
 *
 * @throws EngineStartError when somebody else made a folder of that name
 */
export function rootHome(): string {
  const home = homePath();
  mkdirSync(home, { recursive: true, mode: 0o755 });
  // Anybody may make a folder in /var/tmp: run nothing out of one that isn't root's own.
  const { uid, mode } = lstatSync(home);
  if (uid !== 0 || (mode & 0o022) !== 0) {
    throw new EngineStartError(`${home} is not root's alone: remove it and start again.`);
  }
  makeEnterable(home);
  return home;
}

/**
 * The place outside for a data folder: where its pointer says, or a new one and its pointer.
 *
 * @param isNew the data folder holds nothing yet: what is there of one that stood at its path before, and was
 *   removed with its checkout, is of no use to anybody, and is removed
 */
export function placeOutside(dataDir: string, isNew: boolean): string {
  const home = rootHome();
  const pointed = pointedFrom(dataDir);
  const place = pointed ?? join(home, `data-${shortHash(realpathSync(dataDir))}`);
  if (isNew && pointed === undefined) rmSync(place, { recursive: true, force: true });
  // The pointer first: what it doesn't name would never be removed.
  writeFileSync(pointerOf(dataDir), `${place}\n`);
  mkdirSync(place, { recursive: true });
  makeEnterable(place);
  return place;
}

/** Whatever the umask is: `nobody` must come through, and write nothing. */
function makeEnterable(folder: string): void {
  chmodSync(folder, 0o755);
}

/** Removes the place outside, and the home with the last of them. */
export async function removePlaceOutside(dataDir: string): Promise<void> {
  const place = pointedFrom(dataDir);
  if (place === undefined) return;
  await rm(place, { recursive: true, force: true });
  const home = dirname(place);
  const places = namesIn(home)?.filter((name) => name.startsWith('data-'));
  if (places === undefined || places.length > 0) return;
  // Out of the way in one step: another start may be about to use the home.
  const doomed = `${home}.removed-${process.pid}`;
  renameSync(home, doomed);
  await rm(doomed, { recursive: true, force: true });
}

function homePath(): string {
  return `${PREFIX}${shortHash(realpathSync(projectRoot()))}`;
}

function pointerOf(dataDir: string): string {
  return join(dataDir, 'outside');
}

/** Only a path of our own making is followed: what it names is emptied one day. */
function pointedFrom(dataDir: string): string | undefined {
  try {
    const place = readFileSync(pointerOf(dataDir), 'utf8').trim();
    return OUTSIDE.test(place) ? place : undefined;
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
