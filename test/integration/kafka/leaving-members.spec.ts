import { createTopics, KafkaClient, MessagePublisher, runConsumer } from '@app/kafka';
import { useTestBed, waitFor } from '@app/testing';

const bed = useTestBed();
const topic = 'leaves';

it('leaves its partitions to the others within about a second, however long a session may be silent', async () => {
  const settings = await bed.settings('relay', { KAFKA_SESSION_MS: '60000' });
  await createTopics(settings, [topic], 10_000);
  const kafka = new KafkaClient(settings);
  const came = new Set<string>();
  let joined = 0;
  const member = () => {
    const stopping = new AbortController();
    const running = runConsumer(kafka, {
      groupId: topic,
      topics: [topic],
      fromBeginning: true,
      handle: async ({ value }) => void came.add(String(value)),
      signal: stopping.signal,
      onJoined: () => joined++,
      onFatal: (error) => {
        throw error;
      },
    });
    const stop = async (): Promise<void> => {
      stopping.abort();
      await running;
    };
    return { stop };
  };
  const staying = member();
  await waitFor(() => joined === 1);
  const leaving = member();
  // Once more for the other's sake.
  await waitFor(() => joined === 3);
  await leaving.stop();

  const left = performance.now();
  const publisher = new MessagePublisher(kafka);
  const values = Array.from({ length: 12 }, (_, n) => String(n));
  await publisher.publish(values.map((value) => ({ topic, key: value, headers: {}, value })));
  await waitFor(() => came.size === values.length);
  expect(performance.now() - left).toBeLessThan(2_000);
  await Promise.all([staying.stop(), publisher.close()]);
});
