import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { findProgram } from '../process/find-program';
import { runGuarded } from '../process/guarded-process';
import { projectRoot } from '../process/project-root';
import { EngineStartError } from '../process/running-engine';
import { fillOnce } from '../process/whole-folder';

const POM = 'libs/embedded/src/kafka/pom.xml';
const JARS_A_LINE = 20;

const OTHERWISE = 'or set KAFKA_BROKERS to a Kafka of your own.';

export interface JarsOptions {
  /** Where the jars are kept, in a folder for each version of the pom. */
  readonly cacheDir?: string;
  /** Default `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Kafka's jars, its command-line tools included, fetched by Maven when they aren't in the
 * cache. The folder is complete, also when two processes fetch at once.
 *
 * @returns the folder; `<folder>/*` is the class path
 * @throws EngineStartError when Maven is missing or fails
 */
export async function resolveKafkaJars(
  onProgress: (line: string) => void = () => undefined,
  { env = process.env, cacheDir = defaultCache(env) }: JarsOptions = {},
): Promise<string> {
  const pom = join(projectRoot(), POM);
  const hash = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const folder = join(cacheDir, `kafka-${hash}`);
  if (existsSync(folder)) return folder;

  const maven = findProgram('mvn', env);
  if (maven === undefined) {
    throw new EngineStartError(
      'The embedded Kafka is fetched once by Maven, and there is no mvn in PATH: ' +
        `install Maven (Debian: maven), ${OTHERWISE}`,
    );
  }
  onProgress('Fetching Apache Kafka with Maven (92 jars, 54 MB), once');
  await fillOnce(folder, async (scratch) => {
    await mkdir(scratch);
    await copyDependencies(maven, pom, scratch, env, onProgress);
  });
  onProgress(`Fetched Apache Kafka into ${folder}`);
  return folder;
}

async function copyDependencies(
  maven: string,
  pom: string,
  target: string,
  env: NodeJS.ProcessEnv,
  onProgress: (line: string) => void,
): Promise<void> {
  let jars = 0;
  const { code, lines } = await runGuarded(
    {
      command: maven,
      args: [
        ...['-B', '-f', pom, 'dependency:copy-dependencies'],
        ...['-DincludeScope=runtime', `-DoutputDirectory=${target}`],
      ],
      cwd: dirname(target),
      env,
    },
    (line) => {
      if (!/Downloaded from .*\.jar/.test(line)) return;
      jars += 1;
      if (jars % JARS_A_LINE === 0) onProgress(`Fetching Apache Kafka: ${jars} files so far`);
    },
  );
  if (code !== 0) {
    throw new EngineStartError(
      `Maven could not fetch Apache Kafka: ${firstError(lines)}. ` +
        `Check its settings.xml, proxy and network, ${OTHERWISE}`,
    );
  }
}

/** Maven says first what failed, and then at length how to ask for more. */
export function firstError(lines: readonly string[]): string {
  const line =
    lines.find((text) => text.includes('[ERROR]')) ?? lines.at(-1) ?? 'it printed nothing';
  return line.replace(/\[ERROR\]\s*|\.\s*$/g, '').slice(0, 400);
}

function defaultCache(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'postbreeze-channels');
}
