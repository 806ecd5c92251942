import { createTopics, KafkaClient, MessagePublisher, runConsumer } from '@app/kafka';
import { useTestBed, waitFor } from '@app/testing';

const bed = useTestBed();
const topic = 'leaves';
/** Milliseconds: about a second on a busy machine, and far from a quarter of the session. */
const handOverWithinMs = 6_000;

it('leaves its partitions to the others within about a second, however long a session may be silent', async () => {
  const settings = await bed.settings('relay', { KAFKA_SESSION_MS: '60000' });
  await createTopics(settings, [topic], 10_000);
  const kafka = new KafkaClient(settings);
  const came = new Set<string>();
  const member = () => {
    const stopping = new AbortController();
    const joins = { count: 0 };
    const running = runConsumer(kafka, {
      groupId: topic,
      topics: [topic],
      fromBeginning: true,
      handle: async ({ value }) => void came.add(String(value)),
      signal: stopping.signal,
      onJoined: () => joins.count++,
      onFatal: (error) => {
        throw error;
      },
    });
    const stop = async (): Promise<void> => {
      stopping.abort();
      await running;
    };
    return { stop, joins };
  };
  const staying = member();
  await waitFor(() => staying.joins.count > 0);
  const leaving = member();
  // Once more for the other's sake.
  await waitFor(() => leaving.joins.count > 0 && staying.joins.count > 1);
  await leaving.stop();

  const left = performance.now();
  const publisher = new MessagePublisher(kafka);
  const values = Array.from({ length: 12 }, (_, n) => String(n));
  await publisher.publish(values.map((value) => ({ topic, key: value, headers: {}, value })));
  await waitFor(() => came.size === values.length);
  expect(performance.now() - left).toBeLessThan(handOverWithinMs);
  await Promise.all([staying.stop(), publisher.close()]);
});
