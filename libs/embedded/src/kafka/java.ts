import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram, isProgram } from '../process/find-program';
import { EngineStartError } from '../process/running-engine';

const OLDEST_JAVA = 17;

const INSTALL =
  `install a Java runtime ${OLDEST_JAVA} or newer (Debian: openjdk-17-jre-headless) and put it ` +
  'in PATH or JAVA_HOME, or set KAFKA_BROKERS to a Kafka of your own.';

export interface Java {
  readonly path: string;
  /** What `java -version` prints: the exact build. */
  readonly printed: string;
}

/**
 * The machine's Java: JAVA_HOME's, else the one in PATH.
 *
 * @throws EngineStartError when there is none, or one that is too old for Kafka
 */
export async function findJava(env: NodeJS.ProcessEnv): Promise<Java> {
  const path = fromJavaHome(env) ?? findProgram('java', env);
  if (path === undefined) {
    throw new EngineStartError(`The embedded Kafka found no Java: ${INSTALL}`);
  }
  const printed = await askVersion(path, env);
  const version = javaVersionOf(printed);
  if (version === undefined) {
    throw new EngineStartError(`The embedded Kafka found no working Java in ${path}: ${INSTALL}`);
  }
  if (version < OLDEST_JAVA) {
    throw new EngineStartError(
      `The embedded Kafka can't run on Java ${version} (${path}): ${INSTALL}`,
    );
  }
  return { path, printed };
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
