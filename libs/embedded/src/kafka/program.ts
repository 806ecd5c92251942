import { join } from 'node:path';
import { projectRoot } from '../process/project-root';

const LOGGING = 'libs/embedded/src/kafka/log4j2.properties';

const JVM = [
  '-Xms64m',
  '-Xmx256m',
  '-XX:+UseSerialGC',
  // One compiler tier less starts faster, and takes less memory, than it costs later.
  '-XX:TieredStopAtLevel=1',
  // Without files in the system's temporary folder, which a killed JVM would leave there.
  '-XX:-UsePerfData',
  // A broker that lacks memory is better started anew than left half alive.
  '-XX:+ExitOnOutOfMemoryError',
  '-Djava.awt.headless=true',
];

/** Kafka's main classes as commands, each on the machine's Java. */
export interface KafkaProgram {
  run(
    mainClass: string,
    ...args: string[]
  ): { command: string; args: string[]; cwd: string; env: NodeJS.ProcessEnv };
}

/**
 * @param jars the folder of the class path
 * @param options for the JVM, beyond the usual ones
 */
export function kafkaProgram(kafka: {
  java: string;
  jars: string;
  env: NodeJS.ProcessEnv;
  options?: readonly string[];
}): KafkaProgram {
  const { java, jars, env, options = [] } = kafka;
  const logging = `-Dlog4j2.configurationFile=${join(projectRoot(), LOGGING)}`;
  return {
    run: (mainClass, ...args) => ({
      command: java,
      args: [...JVM, ...options, logging, '-cp', join(jars, '*'), mainClass, ...args],
      cwd: jars,
      env,
    }),
  };
}
