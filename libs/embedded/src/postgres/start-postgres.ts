import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDataFolder, runFolderOf } from '../process/data-folder';
import { startGuarded } from '../process/guarded-process';
import { reclaimLeftovers } from '../process/leftovers';
import { essenceOfLog } from '../process/log-essence';
import { keptPort, requireFreePort } from '../process/ports';
import type { RunningEngine } from '../process/running-engine';
import { withStartLock } from '../process/start-lock';
import { untilReady } from '../process/until-ready';
import { type Cluster, openCluster, postgresEnvironment } from './cluster';
import { ensureDatabase } from './database';
import { removeStaleLock } from './stale-lock';

export interface PostgresOptions {
  /** Made when absent. As root the data itself lies under /var/tmp, with a pointer in here. */
  readonly dataDir: string;
  /** Absent or 0: one that was free at the first start and is kept. */
  readonly port?: number;
  /** Default true. Without it a power cut may ruin the data: for tests only. */
  readonly fsync?: boolean;
  /** Gets a line for each long step and each surprise. */
  readonly onProgress?: (line: string) => void;
}

const NAME = 'postgres';
/** Recovery after a crash is replayed before the server answers. */
const READY_WITHIN_MS = 60_000;
const FREE_WITHIN_MS = 10_000;

/**
 * Starts a real PostgreSQL server on 127.0.0.1 and resolves when it answers and has the
 * database `postbreeze`. A server that an earlier run left over on the folder is ended first.
 *
 * @returns url `postgres://postgres:<password>@127.0.0.1:<port>/postbreeze`
 * @throws EngineStartError when it can't start; the message says what to do
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningEngine> {
  const dataDir = openDataFolder(options.dataDir);
  return withStartLock(runFolderOf(dataDir), NAME, () => start({ ...options, dataDir }));
}

async function start(options: PostgresOptions): Promise<RunningEngine> {
  const { dataDir, fsync = true, onProgress: say = () => undefined } = options;
  const gone = await reclaimLeftovers(runFolderOf(dataDir), NAME, say);
  const cluster = await openCluster(dataDir, fsync, say);
  removeStaleLock(cluster.folder, gone);
  const port = options.port
    ? await requireFreePort(options.port, NAME)
    : await keptPort(join(dataDir, 'ports.json'), NAME, say);
  const url = (database: string) =>
    `postgres://postgres:${cluster.password}@127.0.0.1:${port}/${database}`;
  const engine = await launch({
    cluster,
    args: serverArguments(cluster.folder, port, fsync),
    runFolder: runFolderOf(dataDir),
    logFile: join(dataDir, 'postgres.log'),
    probe: () => ensureDatabase(url('postgres'), 'postbreeze'),
  });
  return { name: NAME, url: url('postbreeze'), port, ...engine };
}

interface Launch {
  readonly cluster: Cluster;
  readonly args: readonly string[];
  readonly runFolder: string;
  readonly logFile: string;
  readonly probe: () => Promise<void>;
}

/**
 * After a crash the server's own children need a moment to notice it, and until they are
 * gone a new server refuses the folder: it is tried again.
 */
async function launch({ cluster, args, runFolder, logFile, probe }: Launch) {
  const deadline = Date.now() + FREE_WITHIN_MS;
  for (;;) {
    const engine = await startGuarded({
      command: cluster.binaries.postgres,
      args,
      cwd: cluster.folder,
      env: postgresEnvironment(),
      user: cluster.user,
      // Fast shutdown: open transactions are rolled back, clients aren't waited for.
      stopSignal: 'SIGINT',
      runFolder,
      output: logFile,
    });
    try {
      await untilReady({ name: NAME, engine, logFile, withinMs: READY_WITHIN_MS, probe });
      return engine;
    } catch (error) {
      if (!isStillInUse(logFile) || Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

function isStillInUse(logFile: string): boolean {
  return essenceOfLog(logFile).includes('is still in use');
}

function serverArguments(folder: string, port: number, fsync: boolean): string[] {
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    log_timezone: 'UTC',
    timezone: 'UTC',
    // No more than this: without synchronous_commit a killed server, and not only a machine
    // without power, would lose what it acknowledged.
    fsync: fsync ? 'on' : 'off',
  };
  return [
    '-D',
    folder,
    ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ];
}
