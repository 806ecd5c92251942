import type { ReceivedMessage } from '@app/kafka';
import type { StallGuard } from '@app/kafka';
import { createTopics, KafkaClient, MessagePublisher, runConsumer } from '@app/kafka';
import { useTestBed, waitFor } from '@app/testing';
import { AssignerProtocol } from 'kafkajs';
import { leadInSilence } from '../../support/silent-leader';

const bed = useTestBed();
let kafka: KafkaClient;
let publisher: MessagePublisher;
beforeAll(async () => {
  const settings = await bed.settings('relay', { KAFKA_PARTITIONS: '4' });
  await createTopics(
    settings,
    ['fails', 'slow', 'resumes', 'whole', 'crashes', 'hangs', 'waits', 'idle', 'joins'],
    20_000,
  );
  kafka = new KafkaClient(settings);
  publisher = new MessagePublisher(kafka);
  bed.atEnd(() => publisher.close());
});

/** A consumer of one topic, whose group has the topic's name. */
function consume(
  topic: string,
  handle: (message: ReceivedMessage) => Promise<void>,
  stallGuard?: StallGuard,
) {
  const stopping = new AbortController();
  const fatal: Error[] = [];
  const running = runConsumer(kafka, {
    groupId: topic,
    topics: [topic],
    fromBeginning: true,
    handle,
    ...(stallGuard ? { stallGuard } : {}),
    signal: stopping.signal,
    onFatal: (error) => fatal.push(error),
  });
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
  };
  return { stop, running, fatal };
}

/** Sends values whose first letter is the key; a and c lie in different partitions of four. */
function send(topic: string, ...values: string[]): Promise<void> {
  return publisher.publish(
    values.map((value) => ({ topic, key: value[0]!, headers: { value }, value })),
  );
}

function valuesOf(messages: readonly ReceivedMessage[], key: string): string[] {
  return messages.filter((m) => m.key === key).map(({ value }) => String(value));
}

/** Each value once, where it first came. */
function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}

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

it('brings a message again until it is handled, and goes on with the other partitions', async () => {
  await send('fails', 'a1', 'a2', 'c1', 'c2');
  const handled: ReceivedMessage[] = [];
  const early: string[] = [];
  let failures = 0;
  const done = (value: string): boolean => handled.some((m) => String(m.value) === value);
  const consumer = consume('fails', async (message) => {
    const value = String(message.value);
    if (value === 'a1' && !done('c2')) {
      failures++;
      throw new Error('not yet');
    }
    if (value.endsWith('2') && !done(value.replace('2', '1'))) early.push(value);
    handled.push(message);
  });
  await waitFor(() => done('a2'));
  await consumer.stop();

  expect(failures).toBeGreaterThan(0);
  expect(early).toEqual([]);
  // At least once: when the group is dealt anew, what was handled and not committed comes again.
  expect(distinct(valuesOf(handled, 'a'))).toEqual(['a1', 'a2']);
  expect(distinct(valuesOf(handled, 'c'))).toEqual(['c1', 'c2']);
});

it('commits nothing of a message that failed or is still in work', async () => {
  await send('slow', 'a1', 'a2');
  const seen: Record<number, string>[] = [];
  let partition = -1;
  const consumer = consume('slow', async (message) => {
    partition = message.partition;
    if (String(message.value) === 'a1') {
      seen.push(await committed('slow'));
      if (seen.length < 3) throw new Error('not yet');
    }
  });
  await waitFor(async () => (await committed('slow'))[partition] === '2');
  await consumer.stop();
  expect(seen.slice(0, 3).map((offsets) => offsets[partition])).toEqual(['-1', '-1', '-1']);
});

it('gives the message that was in work to the next consumer, and none whose offset is committed', async () => {
  await send('resumes', 'a1', 'a2', 'a3');
  const first: ReceivedMessage[] = [];
  const consumer = consume('resumes', async (message) => {
    first.push(message);
    if (String(message.value) === 'a2') throw new Error('stopped in the middle');
  });
  await waitFor(() => valuesOf(first, 'a').includes('a2'));
  await consumer.stop();
  const left = Math.max(0, Number((await committed('resumes'))[first[0]!.partition]));
  expect(left).toBeLessThanOrEqual(1);

  const second: ReceivedMessage[] = [];
  const next = consume('resumes', async (message) => void second.push(message));
  await waitFor(() => valuesOf(second, 'a').includes('a3'));
  await next.stop();
  expect(valuesOf(first, 'a')[0]).toBe('a1');
  expect(distinct(valuesOf(second, 'a'))).toEqual(['a1', 'a2', 'a3'].slice(left));
});

it('hands out topic, key, headers and value as they were sent', async () => {
  await send('whole', 'é1');
  const messages: ReceivedMessage[] = [];
  const consumer = consume('whole', async (message) => void messages.push(message));
  await waitFor(() => messages.length > 0);
  await consumer.stop();
  expect(messages.slice(0, 1)).toEqual([
    {
      topic: 'whole',
      partition: messages[0]?.partition,
      offset: '0',
      key: 'é',
      headers: { value: 'é1' },
      value: Buffer.from('é1'),
    },
  ]);
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
        protocol: ({ topics }) => ({
          name: 'stranger',
          metadata: AssignerProtocol.MemberMetadata.encode({
            version: 1,
            topics,
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
  await consumer.running;
  await stranger.disconnect();
  expect(consumer.fatal.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^The consumer crashes has crashed: /),
  ]);
});

describe('a consumer that is watched', () => {
  const afterMs = 600;
  /** So many looks take twice as long as it needs to be a stall. */
  const looks = 12;
  /** What a consumer needs, and doesn't have before: it may take its time to join. */
  const onlyWhen = (isSo: () => boolean) => async (): Promise<void> => {
    if (!isSo()) throw new Error('not yet');
  };

  it('is gone for good when it stands still with messages waiting', async () => {
    await send('hangs', 'a1', 'c1');
    let letGo = (): void => undefined;
    const hang = new Promise<void>((resolve) => (letGo = resolve));
    let hangs = false;
    const handle = (message: ReceivedMessage): Promise<void> => {
      hangs ||= String(message.value) === 'a1';
      return String(message.value) === 'a1' ? hang : Promise.resolve();
    };
    const consumer = consume('hangs', handle, { afterMs, needs: onlyWhen(() => hangs) });
    await waitFor(() => consumer.fatal.length > 0);
    letGo();
    await consumer.running;
    expect(consumer.fatal.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^The consumer hangs has stood still at 0 of \S+hangs\/\d for \d+ s, with work waiting/,
      ),
    ]);
  });

  it('waits while something that it needs is away', async () => {
    await send('waits', 'a1');
    let asked = 0;
    const needs = (): Promise<never> => {
      asked++;
      return Promise.reject(new Error('away'));
    };
    const failing = (): Promise<void> => Promise.reject(new Error('away'));
    const consumer = consume('waits', failing, { afterMs, needs });
    await waitFor(() => asked >= looks);
    await consumer.stop();
    expect(consumer.fatal).toEqual([]);
  });

  it('is gone for good when it never gets through its joining', async () => {
    await send('joins', 'a1');
    const leader = await leadInSilence(kafka, 'joins', 'joins');
    const consumer = consume('joins', () => Promise.resolve(), {
      afterMs,
      needs: () => Promise.resolve(),
    });
    await waitFor(() => consumer.fatal.length > 0);
    await consumer.running;
    await leader.leave();
    expect(consumer.fatal[0]!.message).toMatch(/^The consumer joins has stood still/);
  });

  it('may be idle for as long as nothing comes', async () => {
    const seen: string[] = [];
    let [isIdle, asked] = [false, 0];
    const needs = onlyWhen(() => isIdle && ++asked > 0);
    const handle = (message: ReceivedMessage): Promise<void> =>
      Promise.resolve(void seen.push(String(message.value)));
    const consumer = consume('idle', handle, { afterMs, needs });
    await send('idle', 'a1');
    await waitFor(async () => Object.values(await committed('idle')).includes('1'));
    isIdle = true;
    await waitFor(() => asked >= looks);
    isIdle = false;
    await send('idle', 'a2');
    await waitFor(() => seen.includes('a2'));
    await consumer.stop();
    expect(consumer.fatal).toEqual([]);
  });
});

it('handles nothing when it was stopped before it started', async () => {
  const stopping = new AbortController();
  stopping.abort();
  const handle = jest.fn();
  const onFatal = jest.fn();
  await runConsumer(kafka, {
    groupId: 'never',
    topics: ['fails'],
    fromBeginning: true,
    handle,
    signal: stopping.signal,
    onFatal,
  });
  expect(handle).not.toHaveBeenCalled();
  expect(onFatal).not.toHaveBeenCalled();
});
