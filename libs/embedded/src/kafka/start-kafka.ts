import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDataFolder, runFolderOf } from '../process/data-folder';
import { startGuarded } from '../process/guarded-process';
import { reclaimLeftovers } from '../process/leftovers';
import { keptPort, requireFreePort } from '../process/ports';
import type { RunningEngine } from '../process/running-engine';
import { untilReady } from '../process/until-ready';
import { resolveKafkaJars } from './jars';
import { findJava } from './java';
import { probeBroker } from './probe';
import { kafkaProgram } from './program';
import { type BrokerPlace, serverProperties } from './server-properties';
import { formatOnce } from './storage';

export interface KafkaOptions {
  /** Made when absent. */
  readonly dataDir: string;
  /** Absent or 0: one that was free at the first start and is kept. */
  readonly port?: number;
  /** Where Kafka's jars are kept; default `$XDG_CACHE_HOME` or `~/.cache`. */
  readonly cacheDir?: string;
  /** Where java and mvn are looked for; default `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
  /** Gets a line for each long step and each surprise. */
  readonly onProgress?: (line: string) => void;
}

const NAME = 'kafka';
const READY_WITHIN_MS = 60_000;

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
  const { env = process.env, cacheDir, onProgress: say = () => undefined } = options;
  const dataDir = openDataFolder(options.dataDir);
  await reclaimLeftovers(runFolderOf(dataDir), NAME, say);
  const java = await findJava(env);
  const jars = await resolveKafkaJars(say, { env, cacheDir });
  const kafka = kafkaProgram(java, jars, dataDir, env);
  const place = await choosePlace(dataDir, options.port, say);
  await formatOnce(kafka, place, say);

  const properties = join(dataDir, 'server.properties');
  writeFileSync(properties, serverProperties(place));
  const logFile = join(dataDir, 'kafka.log');
  const engine = await startGuarded({
    ...kafka.run('kafka.Kafka', properties),
    stopSignal: 'SIGTERM',
    runFolder: runFolderOf(dataDir),
    output: logFile,
  });
  const url = `127.0.0.1:${place.port}`;
  const probe = () => probeBroker(url);
  await untilReady({ name: NAME, engine, logFile, withinMs: READY_WITHIN_MS, probe });
  return { name: NAME, url, port: place.port, ...engine };
}

async function choosePlace(
  dataDir: string,
  port: number | undefined,
  say: (line: string) => void,
): Promise<BrokerPlace> {
  const ports = join(dataDir, 'ports.json');
  return {
    logDir: join(dataDir, 'log'),
    port: port ? await requireFreePort(port, NAME) : await keptPort(ports, NAME, say),
    controllerPort: await keptPort(ports, 'kafka controller', say),
  };
}
