import { createTopics, KafkaClient, MessagePublisher, runConsumer } from '@app/kafka';
import { useTestBed, waitFor } from '@app/testing';
import { leadInSilence } from '../../support/silent-leader';

const bed = useTestBed();
/** Also the names of the groups. */
const [topic, joined] = ['leaves', 'joins'];
/** Milliseconds: about a second on a busy machine, and far from a quarter of the session. */
const handOverWithinMs = 10_000;

let kafka: KafkaClient;
let publisher: MessagePublisher;
const came = new Set<string>();
beforeAll(async () => {
  const settings = await bed.settings('relay', { KAFKA_SESSION_MS: '60000' });
  await createTopics(settings, [topic, joined], 20_000);
  kafka = new KafkaClient(settings);
  publisher = new MessagePublisher(kafka);
  bed.atEnd(() => publisher.close());
});

function memberOf(group: string) {
  const stopping = new AbortController();
  const joins = { count: 0 };
  const running = runConsumer(kafka, {
    groupId: group,
    topics: [group],
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
}

/** How many members the broker takes a group to have. */
async function membersIn(group: string): Promise<number> {
  const admin = kafka.kafka.admin();
  await admin.connect();
  const { groups } = await admin.describeGroups([kafka.groupName(group)]);
  await admin.disconnect();
  return groups[0]!.members.length;
}

it('leaves its partitions to the others within about a second, however long a session may be silent', async () => {
  const staying = memberOf(topic);
  await waitFor(() => staying.joins.count > 0);
  const leaving = memberOf(topic);
  // Once more for the other's sake.
  await waitFor(() => leaving.joins.count > 0 && staying.joins.count > 1);
  await leaving.stop();

  const left = performance.now();
  const values = Array.from({ length: 12 }, (_, n) => String(n));
  await publisher.publish(values.map((value) => ({ topic, key: value, headers: {}, value })));
  await waitFor(() => came.size === values.length);
  expect(performance.now() - left).toBeLessThan(handOverWithinMs);
  await staying.stop();
});

it('leaves also in the middle of its joining: nobody waits for a member that is gone', async () => {
  const leader = await leadInSilence(kafka, joined, joined);
  const leaving = memberOf(joined);
  await waitFor(async () => (await membersIn(joined)) === 2);
  const stopped = leaving.stop();
  await Promise.all([leader.leave(), stopped]);
  // Long before its session would be over.
  await waitFor(async () => (await membersIn(joined)) === 0);
});
