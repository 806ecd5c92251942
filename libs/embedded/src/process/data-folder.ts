import { mkdirSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { EngineStartError } from './running-engine';

/** Root on a system that has one: PostgreSQL refuses to run as it. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * Makes an engine's data folder, or sees to it that the one that is there is ours: what root
 * made a user can't read, and what a user made root would leave half to itself.
 *
 * @returns its absolute path
 * @throws EngineStartError when it belongs to somebody else or can't be made
 */
export function openDataFolder(dataDir: string): string {
  const folder = resolve(dataDir);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new EngineStartError(
      `The data folder ${folder} can't be made by ${me()} (${code}): ` +
        'run as the user who owns the folder above, or choose another data folder.',
    );
  }
  const owner = statSync(folder).uid;
  if (process.getuid && owner !== process.getuid()) {
    throw new EngineStartError(
      `The data folder ${folder} was made by user ${owner === 0 ? 'root' : owner} and this is ` +
        `${me()}: run as the same user, or let that user empty it with --fresh.`,
    );
  }
  return folder;
}

/** Where an engine's guards leave their records. */
export function runFolderOf(dataDir: string): string {
  return join(dataDir, 'run');
}

function me(): string {
  return isRoot() ? 'root' : `user ${process.getuid?.() ?? userInfo().username}`;
}
