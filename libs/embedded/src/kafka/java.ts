import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram, isProgram } from '../process/find-program';
import { EngineStartError } from '../process/running-engine';

const OLDEST_JAVA = 17;

const INSTALL =
  `install a Java runtime ${OLDEST_JAVA} or newer (Debian: openjdk-17-jre-headless) and put it ` +
  'in PATH or JAVA_HOME, or set KAFKA_BROKERS to a Kafka of your own.';

/**
 * The machine's Java: JAVA_HOME's, else the one in PATH.
 *
 * @returns the program's path
 * @throws EngineStartError when there is none, or one that is too old for Kafka
 */
export async function findJava(env: NodeJS.ProcessEnv): Promise<string> {
  const java = fromJavaHome(env) ?? findProgram('java', env);
  if (java === undefined) {
    throw new EngineStartError(`The embedded Kafka found no Java: ${INSTALL}`);
  }
  const version = javaVersionOf(await askVersion(java, env));
  if (version === undefined) {
    throw new EngineStartError(`The embedded Kafka found no working Java in ${java}: ${INSTALL}`);
  }
  if (version < OLDEST_JAVA) {
    throw new EngineStartError(
      `The embedded Kafka can't run on Java ${version} (${java}): ${INSTALL}`,
    );
  }
  return java;
}

/** The major version in what `java -version` prints: 17 of `17.0.15`, 8 of `1.8.0_402`. */
export function javaVersionOf(printed: string): number | undefined {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(printed) ?? [];
  if (first === undefined) return undefined;
  return first === '1' ? Number(second) : Number(first);
}

function fromJavaHome({ JAVA_HOME }: NodeJS.ProcessEnv): string | undefined {
  if (!JAVA_HOME) return undefined;
  const java = join(JAVA_HOME, 'bin', 'java');
  return isProgram(java) ? java : undefined;
}

/** macOS has a `java` that only says that there is no Java. */
async function askVersion(java: string, env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(java, ['-version'], { env });
    return stdout + stderr;
  } catch {
    return '';
  }
}
