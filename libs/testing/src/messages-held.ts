import { randomUUID } from 'node:crypto';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import type { MessageType } from '@app/contracts';
import { dataSchemas, headersSchema, messageTypes, topicOf, topics } from '@app/contracts';
import type { KafkaSettings, ReceivedMessage } from '@app/kafka';
import { KafkaClient, runConsumer } from '@app/kafka';

/** A message with this header was put there by a test that forges: it breaks the contract on purpose. */
export const forgedHeader = 'test-forged';

const ajv = addFormats(new Ajv2020({ strict: true, allErrors: true }));
const validators = new Map(
  messageTypes.map((type) => [
    type as string,
    { data: ajv.compile(dataSchemas[type]), headers: ajv.compile(headersSchema(type)) },
  ]),
);

/**
 * Reads our topics from their beginnings to where they end now, and holds every message against the
 * public contract, and nothing more than the contract says.
 *
 * @throws Error that lists what breaks it
 */
export async function assertMessagesHeld(settings: KafkaSettings): Promise<void> {
  const problems = (await allMessages(new KafkaClient(settings))).flatMap((message) => {
    const problem = problemOf(message);
    return problem ? [`${message.topic}/${message.partition}@${message.offset}: ${problem}`] : [];
  });
  if (problems.length === 0) return;
  throw new Error(
    `Messages were sent that break the contract (one that is forged on purpose needs the header ` +
      `${forgedHeader}):\n${problems.join('\n')}`,
  );
}

/** What is wrong with a message; undefined for one that holds, or was forged on purpose. */
export function problemOf(
  message: Pick<ReceivedMessage, 'topic' | 'key' | 'headers' | 'value'>,
): string | undefined {
  const { topic, key, headers, value } = message;
  if (headers[forgedHeader] !== undefined) return undefined;
  const type = headers.ce_type ?? '';
  const validator = validators.get(type);
  if (!validator) return `no such type: '${type}'`;
  if (topicOf[type as MessageType] !== topic) return `${type} is not for this topic`;
  if (key !== headers.ce_subject) return 'the key is not the subject';
  if (!validator.headers(headers)) return `headers: ${ajv.errorsText(validator.headers.errors)}`;
  const data = parsed(value);
  if (!validator.data(data)) return `data: ${ajv.errorsText(validator.data.errors)}`;
  // The schemas are open, for readers; a writer sends what they say and nothing else.
  const said = new Set(Object.keys(dataSchemas[type as MessageType].properties));
  const more = Object.keys(data as object).filter((field) => !said.has(field));
  return more.length > 0 ? `data has more than its schema: ${more.join(', ')}` : undefined;
}

function parsed(value: Uint8Array | null): unknown {
  try {
    return JSON.parse(Buffer.from(value ?? []).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Less than a hook may take. */
const readWithinMs = 60_000;

async function allMessages(kafka: KafkaClient): Promise<readonly ReceivedMessage[]> {
  const left = await endOffsets(kafka);
  const messages: ReceivedMessage[] = [];
  if (left.size === 0) return messages;
  const stopping = new AbortController();
  const late = setTimeout(() => stopping.abort(), readWithinMs).unref();
  let failure: Error | undefined;
  await runConsumer(kafka, {
    // New at each reading, or it would wait for what it has read already.
    groupId: `contract-check-${randomUUID()}`,
    topics,
    fromBeginning: true,
    handle: (message) => {
      messages.push(message);
      const place = `${message.topic}/${message.partition}`;
      if (Number(message.offset) >= (left.get(place) ?? Infinity)) left.delete(place);
      if (left.size === 0) stopping.abort();
      return Promise.resolve();
    },
    signal: stopping.signal,
    onFatal: (error) => (failure = error),
  });
  clearTimeout(late);
  if (failure) throw failure;
  if (left.size > 0) throw new Error(`Not read within ${readWithinMs} ms: ${[...left].join()}`);
  return messages;
}

/** The last offset of each partition that has a message, by `topic/partition`. */
async function endOffsets(kafka: KafkaClient): Promise<Map<string, number>> {
  const admin = kafka.kafka.admin();
  await admin.connect();
  try {
    const last = new Map<string, number>();
    const present = new Set(await admin.listTopics());
    for (const topic of topics.filter((name) => present.has(kafka.topicName(name)))) {
      for (const { partition, low, high } of await admin.fetchTopicOffsets(
        kafka.topicName(topic),
      )) {
        if (Number(high) > Number(low)) last.set(`${topic}/${partition}`, Number(high) - 1);
      }
    }
    return last;
  } finally {
    await admin.disconnect();
  }
}
