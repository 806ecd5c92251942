import type { OutgoingMessage } from '@app/kafka';
import { createTopics, KafkaClient, MessagePublisher } from '@app/kafka';
import { freePort, useTestBed, waitFor } from '@app/testing';
import { collect } from './collect';

const bed = useTestBed();
let publisher: MessagePublisher;
beforeAll(async () => {
  const settings = await bed.settings('relay', { KAFKA_PARTITIONS: '12' });
  await createTopics(settings, ['one', 'two', 'keyed'], 20_000);
  publisher = new MessagePublisher(new KafkaClient(settings));
  bed.atEnd(() => publisher.close());
});

function message(topic: string, key: string, value: string): OutgoingMessage {
  return { topic, key, value, headers: { ce_id: value } };
}

it('sends to several topics at once, each key in its order', async () => {
  const messages = await collect(bed, ['one', 'two']);
  const sent = Array.from({ length: 300 }, (_, n) =>
    message(n % 2 ? 'one' : 'two', `key-${n % 7}`, String(n)),
  );
  await publisher.publish(sent);
  // At least once each: a send that is answered late is repeated as a whole.
  const distinct = () => [...new Map(messages.map((m) => [m.headers.ce_id, m])).values()];
  await waitFor(() => distinct().length === sent.length);

  for (const topic of ['one', 'two']) {
    for (const key of new Set(sent.map((m) => m.key))) {
      const values = (all: readonly { topic: string; key: string | null; value: unknown }[]) =>
        all.filter((m) => m.topic === topic && m.key === key).map((m) => String(m.value));
      expect(values(distinct())).toEqual(values(sent));
    }
  }
});

it('puts a key where every Kafka client puts it', async () => {
  // As org.apache.kafka.common.utils.Utils.murmur2 of kafka-clients 4.4.0 says, of 12 partitions.
  const partitions = {
    soc_01JDXSYV8Q3M5K7N9R2T4W6YBC: 0,
    soc_01JDXSYV8Q3M5K7N9R2T4W6YBD: 5,
    soc_01JDXSYV8Q3M5K7N9R2T4W6YBE: 1,
  };
  const { kafka } = new KafkaClient(await bed.settings('relay'));
  await publisher.publish(Object.keys(partitions).map((key) => message('keyed', key, '{}')));

  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(`${bed.kafkaNamePrefix}keyed`);
  await admin.disconnect();
  const used = ends.filter(({ high }) => high !== '0').map(({ partition }) => partition);
  expect(used.sort()).toEqual(Object.values(partitions).sort());
});

it('rejects when Kafka can not be reached', async () => {
  const nowhere = `127.0.0.1:${await freePort()}`;
  const lost = new MessagePublisher(
    new KafkaClient({ ...(await bed.settings('relay')), kafkaBrokers: nowhere }),
  );
  await expect(lost.publish([message('one', 'a', '{}')])).rejects.toThrow('ECONNREFUSED');
  await lost.close();
});
