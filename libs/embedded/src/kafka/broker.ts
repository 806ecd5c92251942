import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runFolderOf } from '../process/data-folder';
import { type GuardedProcess, startGuarded } from '../process/guarded-process';
import { untilReady } from '../process/until-ready';
import { probeBroker } from './probe';
import type { KafkaProgram } from './program';
import { type BrokerListeners, serverProperties } from './server-properties';
import { formatOnce } from './storage';

const READY_WITHIN_MS = 60_000;

/** Where a broker's messages lie in its data folder. */
export function logDirOf(dataDir: string): string {
  return join(dataDir, 'log');
}

/**
 * Runs a broker on a data folder, formatted when it is new, and resolves when it serves
 * clients. Its log is `kafka.log` in the folder.
 *
 * @throws EngineStartError when it can't be formatted, ends early or doesn't answer
 */
export async function runBroker(
  kafka: KafkaProgram,
  dataDir: string,
  listeners: BrokerListeners,
  say: (line: string) => void,
): Promise<GuardedProcess> {
  const place = { ...listeners, logDir: logDirOf(dataDir) };
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
  const probe = () => probeBroker(`127.0.0.1:${listeners.port}`);
  await untilReady({ name: 'kafka', engine, logFile, withinMs: READY_WITHIN_MS, probe });
  return engine;
}
