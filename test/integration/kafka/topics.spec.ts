import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { ConfigResourceTypes } from 'kafkajs';
import { createTopics, KafkaClient, probeKafka } from '@app/kafka';
import type { KafkaUnderTest } from './kafka-under-test';
import { startKafkaUnderTest } from './kafka-under-test';

jest.setTimeout(180_000);

describe('topics', () => {
  let kafka: KafkaUnderTest;
  beforeAll(async () => (kafka = await startKafkaUnderTest([])));
  afterAll(() => kafka.stop());

  it('are created once, with their partitions and for 14 days', async () => {
    const { settings } = kafka;
    expect(await createTopics(settings, ['a', 'b'], 10_000)).toEqual([
      'under-test.a',
      'under-test.b',
    ]);
    expect(await createTopics({ ...settings, kafkaPartitions: 9 }, ['a', 'c'], 10_000)).toEqual([
      'under-test.c',
    ]);

    const admin = new KafkaClient(settings).kafka.admin();
    await admin.connect();
    const names = ['under-test.a', 'under-test.c'];
    const { topics } = await admin.fetchTopicMetadata({ topics: names });
    const { resources } = await admin.describeConfigs({
      resources: [{ type: ConfigResourceTypes.TOPIC, name: names[0]!, configNames: [] }],
      includeSynonyms: false,
    });
    await admin.disconnect();

    expect(Object.fromEntries(topics.map((t) => [t.name, t.partitions.length]))).toEqual({
      'under-test.a': 4,
      'under-test.c': 9,
    });
    const retention = resources[0]!.configEntries.find((e) => e.configName === 'retention.ms');
    expect(Number(retention?.configValue)).toBe(14 * 24 * 60 * 60 * 1_000);
  });

  it('are missed by the probe when they are not there', async () => {
    const { settings } = kafka;
    await createTopics(settings, ['present'], 10_000);
    await expect(probeKafka(settings, ['present'], 5_000)).resolves.toBeUndefined();
    await expect(probeKafka(settings, ['present', 'absent'], 5_000)).rejects.toThrow(
      'Kafka has no topic under-test.absent: run npm run ops setup',
    );
  });
});

describe('the probe', () => {
  const settings = (port: number) => ({
    kafkaBrokers: `127.0.0.1:${port}`,
    kafkaNamePrefix: '',
  });

  it('says in one line that nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');

    await expect(probeKafka(settings(port), ['a'], 5_000)).rejects.toThrow(
      new RegExp(`^Kafka at 127.0.0.1:${port} can't be used \\(.*\\): check KAFKA_BROKERS$`),
    );
  });

  it('does not wait for somebody who never answers', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const sockets: { destroy(): void }[] = [];
    server.on('connection', (socket) => sockets.push(socket));

    await expect(probeKafka(settings(port), ['a'], 300)).rejects.toThrow('no answer within 300 ms');
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
});
