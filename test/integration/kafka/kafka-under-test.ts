import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka } from '@app/embedded';
import { createTopics } from '@app/kafka';

/** What everything that reaches Kafka is given. */
export interface TestKafkaSettings {
  readonly kafkaBrokers: string;
  readonly kafkaNamePrefix: string;
  readonly kafkaPartitions: number;
  readonly retryCapMs: number;
}

/** A real broker, and names of the file's own in it. */
export interface KafkaUnderTest {
  readonly settings: TestKafkaSettings;
  stop(): Promise<void>;
}

export async function startKafkaUnderTest(topics: readonly string[]): Promise<KafkaUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-'));
  const engine = await startKafka({ dataDir: folder });
  const settings = {
    kafkaBrokers: engine.url,
    kafkaNamePrefix: 'under-test.',
    kafkaPartitions: 4,
    retryCapMs: 200,
  };
  await createTopics(settings, topics, 10_000);
  return {
    settings,
    stop: async () => {
      await engine.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
