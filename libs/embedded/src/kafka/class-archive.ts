import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../process/ports';
import { fillOnce } from '../process/whole-folder';
import { logDirOf, runBroker } from './broker';
import type { Java } from './java';
import { type KafkaProgram, kafkaProgram } from './program';
import { formatOnce } from './storage';

const ARCHIVE = 'classes.jsa';
/** Writing the archive takes the JVM some seconds of its exit, more on a busy machine. */
const WRITTEN_WITHIN_MS = 60_000;

const silent = () => undefined;

/**
 * Kafka's main classes on a Java, with an archive of the classes that a broker loads
 * (class data sharing). It is made once for these jars and this Java, by a broker that only
 * starts and stops, and takes 40 % off the CPU time of every later start. Without it, when
 * it can't be made, Kafka runs just as well.
 *
 * @param jars the folder of the class path; the archive lies beside it
 */
export async function archivedKafka(
  java: Java,
  jars: string,
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<KafkaProgram> {
  const build = createHash('sha256').update(java.printed).digest('hex').slice(0, 8);
  const folder = `${jars}-classes-${build}`;
  try {
    await fillOnce(folder, async (scratch) => {
      say('Preparing a quick start of Kafka, once');
      await makeArchive(java, jars, scratch, env);
    });
  } catch (error) {
    say(`Kafka will start a little slower: ${(error as Error).message}`);
    return kafkaProgram({ java: java.path, jars, env });
  }
  const options = [`-XX:SharedArchiveFile=${join(folder, ARCHIVE)}`, '-Xlog:disable'];
  return kafkaProgram({ java: java.path, jars, env, options });
}

async function makeArchive(
  java: Java,
  jars: string,
  scratch: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await mkdir(scratch);
  const [port, controllerPort] = [await freePort(), await freePort()];
  const ports = { port, controllerPort };
  const plain = { java: java.path, jars, env };
  // Formatted beforehand, or the formatting tool would write an archive as well.
  await formatOnce(kafkaProgram(plain), { ...ports, logDir: logDirOf(scratch) }, silent);
  const options = [`-XX:ArchiveClassesAtExit=${join(scratch, ARCHIVE)}`, '-Xlog:disable'];
  const broker = await runBroker(kafkaProgram({ ...plain, options }), scratch, ports, silent);
  await broker.stop(WRITTEN_WITHIN_MS);
  for (const name of await readdir(scratch)) {
    if (name !== ARCHIVE) await rm(join(scratch, name), { recursive: true });
  }
}
