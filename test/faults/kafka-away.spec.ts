import { join } from 'node:path';
import { startKafka } from '@app/embedded';
import type { ReceivedMessage } from '@app/kafka';
import { createTopics, KafkaClient, MessagePublisher, runConsumer } from '@app/kafka';
import { freePort, useTestBed, waitFor } from '@app/testing';

const bed = useTestBed();

it('Kafka is killed and comes back: a send fails meanwhile, the consumer waits and goes on', async () => {
  const place = { dataDir: join(bed.folder, 'kafka'), port: await freePort() };
  let broker = await startKafka(place);
  bed.atEnd(() => broker.stop());
  const settings = { ...(await bed.settings('relay')), kafkaBrokers: broker.url };
  await createTopics(settings, ['notes'], 10_000);
  const kafka = new KafkaClient(settings);
  const publisher = new MessagePublisher(kafka);
  bed.atEnd(() => publisher.close());
  const send = (value: string): Promise<void> =>
    publisher.publish([{ topic: 'notes', key: 'key', headers: {}, value }]);

  const messages: ReceivedMessage[] = [];
  const fatal: Error[] = [];
  const stopping = new AbortController();
  const consumer = runConsumer(kafka, {
    groupId: 'reader',
    topics: ['notes'],
    fromBeginning: true,
    handle: (message) => Promise.resolve(void messages.push(message)),
    signal: stopping.signal,
    onFatal: (error) => fatal.push(error),
  });
  const values = (): string[] => messages.map(({ value }) => String(value));
  await waitFor(() => send('before').then(() => true));
  await waitFor(() => values().includes('before'));

  broker.kill();
  await broker.exited;
  await expect(send('lost')).rejects.toThrow();
  broker = await startKafka(place);

  await waitFor(() => send('after').then(() => true), { withinMs: 30_000 });
  await waitFor(() => values().includes('after'), { withinMs: 30_000 });
  stopping.abort();
  await consumer;
  expect(fatal).toEqual([]);
});
