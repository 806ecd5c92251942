import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { runGuarded } from '../process/guarded-process';
import { essenceOf } from '../process/log-essence';
import { EngineStartError } from '../process/running-engine';
import { fillOnce } from '../process/whole-folder';
import type { KafkaProgram } from './program';
import { type BrokerPlace, serverProperties } from './server-properties';

/**
 * Gives a new broker its log folder, formatted with a new cluster id by Kafka's own tool. It
 * works in a scratch folder, so that a format which was cut short leaves nothing behind that
 * the next one would refuse.
 *
 * @throws EngineStartError when the tool fails
 */
export async function formatOnce(
  kafka: KafkaProgram,
  place: BrokerPlace,
  say: (line: string) => void,
): Promise<void> {
  await fillOnce(place.logDir, async (scratch) => {
    say("Formatting Kafka's storage, once");
    await mkdir(scratch);
    const properties = `${scratch}.properties`;
    await writeFile(properties, serverProperties({ ...place, logDir: scratch }));
    try {
      const { code, lines } = await runGuarded(
        kafka.run('kafka.tools.StorageTool', 'format', '-t', newClusterId(), '-c', properties),
      );
      if (code !== 0) {
        throw new EngineStartError(`Kafka's storage can't be formatted: ${essenceOf(lines)}`);
      }
    } finally {
      await rm(properties, { force: true });
    }
  });
}

/** 16 random bytes in base64 for URLs; one that starts with a dash would be read as an option. */
function newClusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? newClusterId() : id;
}
