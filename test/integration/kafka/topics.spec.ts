import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { Settings } from '@app/config';
import { createTopics, KafkaClient, KafkaProbe, probeKafka } from '@app/kafka';
import { freePort, useTestBed, waitFor } from '@app/testing';
import { ConfigResourceTypes } from 'kafkajs';
import { TcpProxy } from '../../support/tcp-proxy';

const bed = useTestBed();
let settings: Settings;
beforeAll(async () => {
  settings = await bed.settings('relay', { KAFKA_PARTITIONS: '4' });
});

describe('createTopics', () => {
  it('creates what is not there, with its partitions and for 14 days', async () => {
    const name = (topic: string): string => bed.kafkaNamePrefix + topic;
    expect(await createTopics(settings, ['a', 'b'], 20_000)).toEqual([name('a'), name('b')]);
    const later = { ...settings, kafkaPartitions: 9 };
    expect(await createTopics(later, ['a', 'c'], 20_000)).toEqual([name('c')]);

    const admin = new KafkaClient(settings).kafka.admin();
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: [name('a'), name('c')] });
    const { resources } = await admin.describeConfigs({
      resources: [{ type: ConfigResourceTypes.TOPIC, name: name('a') }],
      includeSynonyms: false,
    });
    await admin.disconnect();

    const partitions = topics.map((topic) => [topic.name, topic.partitions.length]);
    expect(Object.fromEntries(partitions)).toEqual({ [name('a')]: 4, [name('c')]: 9 });
    const retention = resources[0]!.configEntries.find((e) => e.configName === 'retention.ms');
    expect(Number(retention?.configValue)).toBe(14 * 24 * 60 * 60 * 1_000);
  });

  it('ends when every partition can be written', async () => {
    // A broker tells of a topic before it leads its partitions; with many, long before.
    await createTopics({ ...settings, kafkaPartitions: 100 }, ['many'], 20_000);
    const admin = new KafkaClient(settings).kafka.admin({ retry: { retries: 0 } });
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets(`${bed.kafkaNamePrefix}many`);
    await admin.disconnect();
    expect(offsets).toHaveLength(100);
  });

  it('is right also when two do it at once', async () => {
    const both = [1, 2].map(() => createTopics(settings, ['at-once'], 20_000));
    await Promise.all(both);
    await expect(probeKafka(settings, ['at-once'], 5_000)).resolves.toBeUndefined();
  });
});

describe('probeKafka', () => {
  it('names the topics that are missing', async () => {
    await createTopics(settings, ['present'], 20_000);
    await expect(probeKafka(settings, ['present'], 5_000)).resolves.toBeUndefined();
    await expect(probeKafka(settings, ['present', 'absent'], 5_000)).rejects.toThrow(
      `Kafka has no topic ${bed.kafkaNamePrefix}absent: run npm run ops -- setup`,
    );
  });

  it('asks for our topics alone, and makes none: those of others are no concern of it', async () => {
    await createTopics(settings, ['ours', 'of-others'], 20_000);
    const proxy = await TcpProxy.before(`kafka://${settings.kafkaBrokers}`);
    bed.atEnd(() => proxy.close());
    const behind = { ...settings, kafkaBrokers: new URL(proxy.url).host };
    const told: string[] = [];
    void proxy.hears(`${bed.kafkaNamePrefix}of-others`).then(() => told.push('of-others'));
    await probeKafka(behind, ['ours'], 5_000);
    expect(told).toEqual([]);
    for (let look = 1; look <= 2; look++) {
      await expect(probeKafka(settings, ['nowhere'], 5_000)).rejects.toThrow('has no topic');
    }
  });

  it('finds out, when it is asked again and again, that a topic is gone', async () => {
    await createTopics(settings, ['going'], 20_000);
    const probe = new KafkaProbe(settings, ['present', 'going']);
    bed.atEnd(async () => probe.close());
    await probe.check(5_000);
    const admin = new KafkaClient(settings).kafka.admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [`${bed.kafkaNamePrefix}going`] });
    await admin.disconnect();
    await waitFor(async () => {
      const said = await probe.check(5_000).catch((error: Error) => error.message);
      return said?.includes(`Kafka has no topic ${bed.kafkaNamePrefix}going`);
    });
  });

  it('says in one line that nobody listens', async () => {
    const nobody = `127.0.0.1:${await freePort()}`;
    await expect(probeKafka({ ...settings, kafkaBrokers: nobody }, ['a'], 5_000)).rejects.toThrow(
      new RegExp(
        `^Kafka at ${nobody} can't be used \\(.*\\): check KAFKA_BROKERS, KAFKA_TLS and KAFKA_SASL$`,
      ),
    );
  });

  it('does not wait for somebody who never answers', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    const sockets: Socket[] = [];
    silent.on('connection', (socket) => sockets.push(socket));
    await once(silent, 'listening');
    const kafkaBrokers = `127.0.0.1:${(silent.address() as AddressInfo).port}`;

    const probe = probeKafka({ ...settings, kafkaBrokers }, ['a'], 300);
    await expect(probe).rejects.toThrow('no answer within 300 ms');
    sockets.forEach((socket) => socket.destroy());
    silent.close();
  });
});
