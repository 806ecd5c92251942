import { setTimeout as wait } from 'node:timers/promises';
import type { Settings } from '@app/config';
import { LastingConnection, within } from '@app/config';
import type { Admin } from 'kafkajs';
import { Kafka, logLevel } from 'kafkajs';
import type { ConnectionSettings } from './connection';
import { connectionOf } from './connection';

type TopicSettings = ConnectionSettings & Pick<Settings, 'kafkaNamePrefix' | 'kafkaPartitions'>;

/** Between two looks at what a broker does at once, unless it is busy. */
const pollMs = 50;
const keptForMs = 14 * 24 * 3_600_000;
/** As kafkajs names what a broker answers. */
const unknownTopic = 'UNKNOWN_TOPIC_OR_PARTITION';
const tooEarly = new Set([unknownTopic, 'LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION']);

/**
 * Whether Kafka answers and has our topics.
 *
 * @param topics without the prefix
 * @throws Error with one line that says what to do
 */
export async function probeKafka(
  settings: Omit<TopicSettings, 'kafkaPartitions'>,
  topics: readonly string[],
  timeoutMs: number,
): Promise<void> {
  requireNone(await missingTopics(settings, topics, timeoutMs));
}

/** The same, again and again, over one connection. */
export class KafkaProbe {
  private readonly connection: LastingConnection<Admin>;
  /** In full. */
  private readonly names: string[];

  /** @param topics without the prefix */
  constructor(
    private readonly settings: Omit<TopicSettings, 'kafkaPartitions'>,
    topics: readonly string[],
  ) {
    this.names = topics.map((topic) => settings.kafkaNamePrefix + topic);
    this.connection = new LastingConnection({
      make: (openWithinMs) => adminOf(settings, openWithinMs),
      open: async (admin) => {
        await admin.connect();
        requireNone(await missing(admin, settings, topics));
      },
      drop: leaveAdmin,
    });
  }

  /** @throws Error with one line that says what to do */
  async check(timeoutMs: number): Promise<void> {
    try {
      await this.connection.ask(timeoutMs, (admin) =>
        admin.fetchTopicMetadata({ topics: this.names }),
      );
    } catch (error) {
      throw error instanceof TopicsMissing ? error : unusable(this.settings, error);
    }
  }

  close(): void {
    this.connection.close();
  }
}

class TopicsMissing extends Error {}

function requireNone(absent: readonly string[]): void {
  if (absent.length === 0) return;
  throw new TopicsMissing(`Kafka has no topic ${absent.join(', ')}: run npm run ops -- setup`);
}

/**
 * What `createTopics` would create, by its full name.
 *
 * @param topics without the prefix
 * @throws Error with one line that says what to do
 */
export async function missingTopics(
  settings: Omit<TopicSettings, 'kafkaPartitions'>,
  topics: readonly string[],
  timeoutMs: number,
): Promise<string[]> {
  return withAdmin(settings, timeoutMs, (admin) => missing(admin, settings, topics));
}

/**
 * Creates those of our topics that aren't there, and leaves the others as they are: the number of
 * partitions is the same for a topic's life, or a channel's messages would lose their order. Ends when
 * each partition of all of them can be written, whoever created it.
 *
 * @param topics without the prefix
 * @returns the full names of what it created
 * @throws Error with one line that says what to do
 */
export async function createTopics(
  settings: TopicSettings,
  topics: readonly string[],
  timeoutMs: number,
): Promise<string[]> {
  const until = performance.now() + timeoutMs;
  const created = await withAdmin(settings, timeoutMs, async (admin) => {
    const absent = await missing(admin, settings, topics);
    if (absent.length === 0) return [];
    // Another setup at the same time may be first; kafkajs takes that for success.
    await admin.createTopics({
      waitForLeaders: false,
      topics: absent.map((topic) => ({
        topic,
        numPartitions: settings.kafkaPartitions,
        configEntries: [{ name: 'retention.ms', value: String(keptForMs) }],
      })),
    });
    return absent;
  });
  await untilWritable(settings, topics, until);
  return created;
}

/**
 * Until each partition's leader answers for it. What a broker tells of a topic, which is what kafkajs
 * waits for, is no proof: it names itself the leader of partitions that it is still making, and
 * refuses what is sent to them.
 */
async function untilWritable(
  settings: TopicSettings,
  topics: readonly string[],
  until: number,
): Promise<void> {
  for (;;) {
    const left = Math.max(until - performance.now(), 1);
    try {
      // A connection for each look: kafkajs keeps what it was told of leaders with it.
      return await withAdmin(settings, left, async (admin) => {
        for (const topic of topics) await admin.fetchTopicOffsets(settings.kafkaNamePrefix + topic);
      });
    } catch (error) {
      if (!isTooEarly(error) || performance.now() > until) throw error;
    }
    await wait(pollMs);
  }
}

/** The broker that was asked hasn't heard of the topic yet, or of its leading it. */
function isTooEarly(error: unknown): boolean {
  const { type, cause } = error as { type?: string; cause?: unknown };
  return tooEarly.has(type ?? '') || (cause instanceof Error && isTooEarly(cause));
}

/**
 * Asks for our topics alone, which makes none, as kafkajs' admin asks. It takes one partition without a
 * leader for a failure of the whole answer, and the other topics of a cluster are other people's.
 */
async function missing(
  admin: Admin,
  { kafkaNamePrefix }: Pick<Settings, 'kafkaNamePrefix'>,
  topics: readonly string[],
): Promise<string[]> {
  const names = topics.map((topic) => kafkaNamePrefix + topic);
  if (await areThere(admin, names)) return [];
  const absent: string[] = [];
  for (const name of names) if (!(await areThere(admin, [name]))) absent.push(name);
  return absent;
}

/** @returns whether all of them are: the answer doesn't tell which one isn't */
async function areThere(admin: Admin, names: string[]): Promise<boolean> {
  try {
    await admin.fetchTopicMetadata({ topics: names });
    return true;
  } catch (error) {
    if ((error as { type?: string }).type === unknownTopic) return false;
    throw error;
  }
}

async function withAdmin<T>(
  settings: ConnectionSettings,
  timeoutMs: number,
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = adminOf(settings, timeoutMs);
  const working = admin.connect().then(() => work(admin));
  const leave = (): void => leaveAdmin(admin);
  try {
    return await within(timeoutMs, working);
  } catch (error) {
    // What it was given up in goes on, and may connect after all.
    working.then(leave, leave);
    throw unusable(settings, error);
  } finally {
    leave();
  }
}

function leaveAdmin(admin: Admin): void {
  void admin.disconnect().catch(() => undefined);
}

function adminOf(settings: ConnectionSettings, timeoutMs: number): Admin {
  return new Kafka({
    ...connectionOf(settings),
    logLevel: logLevel.NOTHING,
    connectionTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    retry: { initialRetryTime: 100, retries: 2 },
  }).admin();
}

function unusable({ kafkaBrokers }: ConnectionSettings, cause: unknown): Error {
  const { message } = cause as Error;
  return new Error(
    `Kafka at ${kafkaBrokers} can't be used (${message}): check KAFKA_BROKERS, KAFKA_TLS and KAFKA_SASL`,
    { cause },
  );
}
