import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isRoot } from '../process/data-folder';
import { runGuarded } from '../process/guarded-process';
import { essenceOf } from '../process/log-essence';
import { placeOutside, rootHome } from '../process/root-home';
import { EngineStartError } from '../process/running-engine';
import { fillOnce } from '../process/whole-folder';
import { type PostgresBinaries, postgresBinaries } from './binaries';

/** `nobody`, wherever there is one; no name is looked up and no user is made. */
const NOBODY = { uid: 65_534, gid: 65_534 };

/** Where a PostgreSQL server lives on disk, and as whom it runs. */
export interface Cluster {
  readonly folder: string;
  readonly binaries: PostgresBinaries;
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly password: string;
}

/**
 * The cluster of a data folder, made by initdb when there is none.
 *
 * @param durable whether it must survive a power cut
 * @throws EngineStartError when initdb fails or the password of an old cluster is lost
 */
export async function openCluster(
  dataDir: string,
  durable: boolean,
  say: (line: string) => void,
): Promise<Cluster> {
  const place = isRoot() ? placeOutside(dataDir, !existsSync(passwordFile(dataDir))) : dataDir;
  const folder = join(place, 'cluster');
  const cluster: Cluster = {
    folder,
    binaries: await postgresBinaries(isRoot() ? rootHome() : undefined),
    password: keptPassword(dataDir, existsSync(folder)),
    ...(isRoot() && { user: NOBODY }),
  };
  await fillOnce(folder, async (scratch) => {
    say('Making a PostgreSQL cluster (initdb), once');
    const begun = Date.now();
    await initdb({ ...cluster, folder: scratch }, durable);
    say(`Made a PostgreSQL cluster in ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  });
  return cluster;
}

/** What a PostgreSQL program sees of our environment: nothing, or PGDATA and the like steer it. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
}

function passwordFile(dataDir: string): string {
  return join(dataDir, 'password');
}

/** Random and kept, since every user of the machine can reach a port of 127.0.0.1. */
function keptPassword(dataDir: string, hasCluster: boolean): string {
  const file = passwordFile(dataDir);
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  if (hasCluster) {
    throw new EngineStartError(`${file} is gone and its PostgreSQL can't be entered: use --fresh.`);
  }
  const password = randomBytes(16).toString('hex');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return password;
}

async function initdb(cluster: Cluster, durable: boolean): Promise<void> {
  const { folder, binaries, user, password } = cluster;
  mkdirSync(folder, { mode: 0o700 });
  // Its own file beside the cluster, which must be empty; readable for the server's user alone.
  const passwordFile = `${folder}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) for (const path of [folder, passwordFile]) chownSync(path, user.uid, user.gid);
  try {
    const { code, lines } = await runGuarded({
      command: binaries.initdb,
      args: [
        ...['--pgdata', folder],
        ...['--username', 'postgres', '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
        // A random password needs no slow hash, and every connection would pay for it.
        ...['--set', 'scram_iterations=1'],
        // The builtin locale is the same on every machine, whatever its system has.
        ...['--encoding', 'UTF8', '--locale', 'C'],
        ...['--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
        ...(durable ? [] : ['--no-sync']),
      ],
      cwd: dirname(folder),
      env: postgresEnvironment(),
      user,
    });
    if (code !== 0) {
      throw new EngineStartError(`PostgreSQL's initdb failed: ${essenceOf(lines)}`);
    }
  } finally {
    rmSync(passwordFile, { force: true });
  }
}
