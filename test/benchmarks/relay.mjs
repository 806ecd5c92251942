import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { START, streamNameFilter } from '@eventstore/db-client';
import { Partitioners } from 'kafkajs';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ulid } from 'ulid';
import { openStand } from './stand.mjs';
import { inWords, summary } from './summary.mjs';

/**
 * `npm run bench:relay`: what the relay costs beside what it can't do without. It sends a recorded
 * history to Kafka, next to the same history read by the bare client, and sent by the bare producer
 * in batches as large as the relay's (a relay without any work of its own would take the sum of
 * both, one after the other), and next to one send for each event. Rounds interleaved, and every
 * message counted on the broker afterwards.
 */
const channels = 10_000;
const rounds = 5;
const batchSize = 500;
/** Of the history: one send for each event takes its time. */
const singles = 1_000;
const target = { sum: 0.8, single: 4 };

const built = createRequire(new URL('../../dist/', import.meta.url));
const { channelsTopic, encodeCloudEvent } = built('./libs/contracts/src');
const { KafkaClient, MessagePublisher } = built('./libs/kafka/src');
const { CheckpointStore, dataSourceOptions } = built('./libs/persistence/src');
const { relayName, runRelay, toCloudEvent } = built('./libs/relay/src');

Logger.overrideLogger(['warn', 'error', 'fatal']);
const stand = await openStand({ kafka: true });
const settings = stand.settings('relay');
const dataSource = await new DataSource(
  dataSourceOptions(settings.databaseUrl, { size: 4, timeoutMs: 10_000 }, []),
).initialize();
const kafka = new KafkaClient(settings);
const publisher = new MessagePublisher(kafka);
const producer = kafka.kafka.producer({
  createPartitioner: Partitioners.DefaultPartitioner,
  maxInFlightRequests: 1,
});
await producer.connect();
try {
  console.log(`a history of ${channels} channels`);
  await stand.connect(`ws_${ulid()}`, channels);
  const history = await readBare();
  const messages = history.map(encoded);

  const runs = {
    relay: () => relayAll(history.at(-1).id),
    read: async () => (await readBare()).length,
    send: () => sendBatches(messages),
    single: () => sendSingly(messages.slice(0, singles)),
  };
  const rates = Object.fromEntries(Object.keys(runs).map((name) => [name, []]));
  let sent = 0;
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of Object.entries(runs)) {
      const begun = performance.now();
      const count = await run();
      const perSecond = count / ((performance.now() - begun) / 1_000);
      if (name !== 'read') sent += count;
      if (round === 0) continue; // warming up
      rates[name].push(perSecond);
      console.log(`round ${round}  ${name.padEnd(6)} ${perSecond.toFixed(0).padStart(7)}/s`);
    }
  }
  await verify(sent);
  report(rates);
} finally {
  await producer.disconnect();
  await publisher.close();
  await dataSource.destroy();
  await stand.close();
}

/** The whole history, from an empty checkpoint until its last event is behind it. */
async function relayAll(lastId) {
  await dataSource.query('DELETE FROM runtime.checkpoints WHERE name = $1', [relayName]);
  const stopping = new globalThis.AbortController();
  const checkpoints = new (class extends CheckpointStore {
    async save(manager, name, previous, next) {
      await super.save(manager, name, previous, next);
      if (next.event?.id === lastId) stopping.abort();
    }
  })(dataSource);
  await runRelay({
    ...{ events: stand.events, publisher, dataSource, checkpoints },
    ...{ termMs: 6_000, retryCapMs: 1_000, signal: stopping.signal },
    ...{ stallAfterMs: 30_000, probeKafka: () => Promise.resolve() },
  });
  return channels;
}

/** With the official client and nothing else, by the same kind of subscription. */
function readBare() {
  const subscription = stand.events.client.subscribeToAll(
    { fromPosition: START, filter: streamNameFilter({ prefixes: ['channel-', 'disconnection-'] }) },
    { highWaterMark: batchSize },
  );
  return new Promise((resolve, reject) => {
    const read = [];
    subscription.on('error', reject);
    subscription.on('data', ({ event }) => {
      read.push(event);
      if (read.length === channels) subscription.unsubscribe().then(() => resolve(read), reject);
    });
  });
}

function encoded(event) {
  const { key, headers, value } = encodeCloudEvent(
    toCloudEvent({
      ...{ id: randomUUID(), revision: 0, recordedAt: new Date() },
      event: { type: event.type, data: event.data },
    }),
  );
  return { key, headers, value };
}

async function sendBatches(messages) {
  for (let from = 0; from < messages.length; from += batchSize) {
    const batch = messages.slice(from, from + batchSize);
    const topicMessages = [{ topic: kafka.topicName(channelsTopic), messages: batch }];
    await producer.sendBatch({ acks: -1, topicMessages });
  }
  return messages.length;
}

async function sendSingly(messages) {
  for (const message of messages) {
    await producer.send({
      ...{ acks: -1, topic: kafka.topicName(channelsTopic) },
      messages: [message],
    });
  }
  return messages.length;
}

async function verify(sent) {
  const admin = kafka.kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(kafka.topicName(channelsTopic));
  await admin.disconnect();
  const stored = offsets.reduce((sum, { high }) => sum + Number(high), 0);
  if (stored !== sent) throw new Error(`${sent} messages were sent, and ${stored} are there`);
  console.log(`verified: ${stored} messages on the broker`);
}

function report({ relay, read, send, single }) {
  // The rate of one after the other, round by round: what surrounds a round is the same for both.
  const sum = read.map((rate, round) => 1 / (1 / rate + 1 / send[round]));
  const rows = { relay, read, 'batched send': send, 'read + send': sum, 'single send': single };
  console.log();
  for (const [name, values] of Object.entries(rows)) {
    console.log(`${name.padEnd(14)} ${inWords(summary(values))} per second`);
  }
  const median = (values) => summary(values).median;
  const ratios = { sum: median(relay) / median(sum), single: median(relay) / median(single) };
  console.log(`relay / (read + send)  ${ratios.sum.toFixed(2)}   target >= ${target.sum}`);
  console.log(`relay / single send    ${ratios.single.toFixed(2)}   target >= ${target.single}`);
  const met = ratios.sum >= target.sum && ratios.single >= target.single;
  console.log(met ? '\nwithin the target' : '\nMISSES THE TARGET');
}
