import type { ReceivedMessage } from '@app/kafka';
import { KafkaClient, MessagePublisher, runConsumer } from '@app/kafka';
import { AssignerProtocol } from 'kafkajs';
import { Arrivals } from './collected';
import type { KafkaUnderTest } from './kafka-under-test';
import { startKafkaUnderTest } from './kafka-under-test';

// The first start on a machine fetches Kafka's jars.
jest.setTimeout(120_000);

const topics = ['fails', 'resumes', 'whole', 'crashes'] as const;

describe('runConsumer', () => {
  let underTest: KafkaUnderTest;
  let kafka: KafkaClient;
  let publisher: MessagePublisher;

  beforeAll(async () => {
    underTest = await startKafkaUnderTest(topics);
    kafka = new KafkaClient(underTest.settings);
    publisher = new MessagePublisher(kafka);
  });
  afterAll(async () => {
    await publisher.close();
    await underTest.stop();
  });

  /** A consumer of one topic, whose group has the topic's name. */
  function consume(topic: string, handle: (message: ReceivedMessage) => Promise<void>) {
    const stopping = new AbortController();
    const fatal = new Arrivals<Error>();
    const joined = new Arrivals<'joined'>();
    const running = runConsumer(kafka, {
      groupId: topic,
      topics: [topic],
      fromBeginning: true,
      handle,
      signal: stopping.signal,
      onJoined: () => joined.add('joined'),
      onFatal: (error) => fatal.add(error),
    });
    const stop = async (): Promise<void> => {
      stopping.abort();
      await running;
    };
    return { stop, running, fatal, joined };
  }

  const send = (topic: string, ...values: string[]) =>
    publisher.publish(
      values.map((value) => ({ topic, key: value[0]!, headers: { value }, value })),
    );

  /** What the group has committed, by partition; -1 for nothing. */
  async function committed(topic: string): Promise<Record<number, string>> {
    const admin = kafka.kafka.admin();
    await admin.connect();
    const offsets = await admin.fetchOffsets({
      groupId: kafka.groupName(topic),
      topics: [kafka.topicName(topic)],
    });
    await admin.disconnect();
    return Object.fromEntries(
      (offsets[0]?.partitions ?? []).map(({ partition, offset }) => [partition, offset]),
    );
  }

  it('brings a message again until it is handled, commits nothing of it, and goes on elsewhere', async () => {
    // Keys a and c lie in different partitions.
    await send('fails', 'a1', 'a2', 'c1', 'c2');
    const tries = new Arrivals<ReceivedMessage>();
    const seen: { committedAtRetry?: Record<number, string> } = {};
    const others = (all: readonly ReceivedMessage[]) =>
      all.filter(({ key }) => key === 'c').length === 2;
    const consumer = consume('fails', async (message) => {
      tries.add(message);
      if (message.headers.value !== 'a1') return;
      const count = tries.all.filter(({ headers }) => headers.value === 'a1').length;
      if (count < 3) throw new Error('not yet');
      if (count === 3) {
        // The other partition is done by now or will be, while this one waits.
        await tries.until(others);
        seen.committedAtRetry = await committed('fails');
      }
    });

    await tries.until((all) => all.some(({ headers }) => headers.value === 'a2'));
    await consumer.stop();

    const ofA = tries.all.filter(({ key }) => key === 'a');
    const ofC = tries.all.filter(({ key }) => key === 'c');
    expect(ofA.map(({ value }) => String(value))).toEqual(['a1', 'a1', 'a1', 'a2']);
    expect(ofC.map(({ value }) => String(value))).toEqual(['c1', 'c2']);
    const [partitionA, partitionC] = [ofA[0]!.partition, ofC[0]!.partition];
    expect(partitionA).not.toBe(partitionC);
    expect(seen.committedAtRetry?.[partitionA]).toBe('-1');
    expect(await committed('fails')).toMatchObject({ [partitionA]: '2', [partitionC]: '2' });
  });

  it('gives the message that was in work to the next consumer, and none that was done', async () => {
    await send('resumes', 'a1', 'a2', 'a3');
    const first = new Arrivals<string>();
    const consumer = consume('resumes', async ({ value }) => {
      first.add(String(value));
      if (String(value) === 'a2') throw new Error('stopped in the middle');
    });
    await first.until((all) => all.includes('a2'));
    await consumer.stop();

    const second = new Arrivals<string>();
    const next = consume('resumes', async ({ value }) => second.add(String(value)));
    await second.until((all) => all.includes('a3'));
    await next.stop();
    expect(first.all[0]).toBe('a1');
    expect(second.all).toEqual(['a2', 'a3']);
  });

  it('hands out topic, key, headers and value as they were sent', async () => {
    await send('whole', 'é1');
    const arrivals = new Arrivals<ReceivedMessage>();
    const consumer = consume('whole', async (message) => arrivals.add(message));
    const [message] = await arrivals.until((all) => all.length === 1);
    await consumer.stop();
    expect(message).toEqual({
      topic: 'whole',
      partition: expect.any(Number),
      offset: '0',
      key: 'é',
      headers: { value: 'é1' },
      value: Buffer.from('é1'),
    });
  });

  it('says so when it is gone for good', async () => {
    // A member that shares no protocol with ours: the broker refuses the join, and always will.
    const stranger = kafka.kafka.consumer({
      groupId: kafka.groupName('crashes'),
      maxWaitTimeInMs: 100,
      partitionAssigners: [
        () => ({
          name: 'stranger',
          version: 1,
          assign: () => Promise.resolve([]),
          protocol: ({ topics: of }) => ({
            name: 'stranger',
            metadata: AssignerProtocol.MemberMetadata.encode({
              version: 1,
              topics: of,
              userData: Buffer.alloc(0),
            }),
          }),
        }),
      ],
    });
    const joined = new Promise((resolve) => stranger.on('consumer.group_join', resolve));
    await stranger.connect();
    await stranger.subscribe({ topics: [kafka.topicName('crashes')] });
    await stranger.run({ eachMessage: () => Promise.resolve() });
    await joined;

    const consumer = consume('crashes', () => Promise.resolve());
    const [error] = await consumer.fatal.until((all) => all.length === 1);
    await consumer.running;
    await stranger.disconnect();
    expect(error?.message).toMatch(/^The consumer crashes has crashed: /);
  });

  it('stops before it was ever started', async () => {
    const stopping = new AbortController();
    stopping.abort();
    await runConsumer(kafka, {
      groupId: 'never',
      topics: ['fails'],
      fromBeginning: true,
      handle: () => Promise.reject(new Error('nothing may be handled')),
      signal: stopping.signal,
      onFatal: (error) => {
        throw error;
      },
    });
  });
});
