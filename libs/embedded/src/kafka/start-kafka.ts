import { join } from 'node:path';
import { openDataFolder, runFolderOf } from '../process/data-folder';
import { reclaimLeftovers } from '../process/leftovers';
import { keptPort, requireFreePort } from '../process/ports';
import type { RunningEngine } from '../process/running-engine';
import { withStartLock } from '../process/start-lock';
import { runBroker } from './broker';
import { archivedKafka } from './class-archive';
import { resolveKafkaJars } from './jars';
import { findJava } from './java';
import type { BrokerPorts, SecuredListener } from './server-properties';

export interface KafkaOptions {
  /** Made when absent. */
  readonly dataDir: string;
  /** Absent or 0: one that was free at the first start and is kept. */
  readonly port?: number;
  /** Where Kafka's jars and what is made of them are kept; default `$XDG_CACHE_HOME` or `~/.cache`. */
  readonly cacheDir?: string;
  /** Where java and mvn are looked for; default `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
  /** One more listener, for clients that log in over TLS. */
  readonly secured?: SecuredListener;
  /** Gets a line for each long step and each surprise. */
  readonly onProgress?: (line: string) => void;
}

const NAME = 'kafka';

/**
 * Starts a real Apache Kafka, one node that is broker and controller, on 127.0.0.1 and
 * resolves when it serves clients. A broker that an earlier run left over on the folder is
 * ended first. As everywhere with Kafka a message is acknowledged before it is on the disk:
 * a killed broker loses none, a power cut may lose the last ones.
 *
 * @returns url `127.0.0.1:<port>`
 * @throws EngineStartError when it can't start; the message says what to do
 */
export async function startKafka(options: KafkaOptions): Promise<RunningEngine> {
  const dataDir = openDataFolder(options.dataDir);
  return withStartLock(runFolderOf(dataDir), NAME, () => start({ ...options, dataDir }));
}

async function start(options: KafkaOptions): Promise<RunningEngine> {
  const { dataDir, cacheDir, secured, env = process.env } = options;
  const say = options.onProgress ?? (() => undefined);
  await reclaimLeftovers(runFolderOf(dataDir), NAME, say);
  const java = await findJava(env);
  const jars = await resolveKafkaJars(say, { env, cacheDir });
  const kafka = await archivedKafka(java, jars, env, say);
  const ports = await choosePorts(dataDir, options.port, say);
  const engine = await runBroker(kafka, dataDir, { ...ports, secured }, say);
  return { name: NAME, url: `127.0.0.1:${ports.port}`, port: ports.port, ...engine };
}

async function choosePorts(
  dataDir: string,
  port: number | undefined,
  say: (line: string) => void,
): Promise<BrokerPorts> {
  const file = join(dataDir, 'ports.json');
  return {
    port: port ? await requireFreePort(port, NAME) : await keptPort(file, NAME, say),
    controllerPort: await keptPort(file, 'kafka controller', say),
  };
}
