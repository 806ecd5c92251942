import { createHash } from 'node:crypto';
import type { KafkaMessage, Message } from 'kafkajs';
import { channelsTopic, consumerGroupOf, topics } from '@app/contracts';
import { announcedEffects } from '@app/domain';
import { channelStream } from '@app/event-store';
import { createTopics, KafkaClient, receivedMessage } from '@app/kafka';
import { abandoned, accessRevoked, aContext, connected, useTestBed, waitFor } from '@app/testing';
import { addContent } from '../../support/content';
import type { EffectsUnderTest } from './effects-under-test';
import { effectsUnderTest, patience, workOf } from './effects-under-test';
import type { Everything } from './everything-of';
import { everythingOf } from './everything-of';
import { announcement, bringAboutAll, claimedChannel, connectedChannel, disconnect } from './given';
import { channels, hearsay } from './hearsay';
import { startEffects, stopEffects } from './running-effects';

/** What stands where messages are kept aside. */
interface Kept {
  readonly effect: string;
  readonly offset: string;
  readonly kept_in: string;
  readonly key: string | null;
  readonly headers: unknown;
  readonly value: string | null;
  readonly reason: string;
}

const bed = useTestBed({ patient: true });
let effects: EffectsUnderTest;
let kafka: KafkaClient;
let before: Record<string, Everything>;
let kept: readonly Kept[];
/** All on one partition, in this order. */
const messages = Object.entries(hearsay).map(([what, said], offset) => ({ what, offset, ...said }));

// Once for all: every message through a real Kafka, to every effect's own group.
beforeAll(async () => {
  const settings = await bed.settings('subscribers', { KAFKA_PARTITIONS: '1' });
  // Not the bed's own topics, whose messages are held against the contract: these break it.
  await createTopics(settings, topics, 20_000);
  // Whoever looks after the channels that have ended changes nothing of them meanwhile.
  effects = await effectsUnderTest(bed, { reconcileAfterMs: 3_600_000 });
  kafka = new KafkaClient(settings);
  await makeChannels();
  startEffects(effects);
  await waitFor(endingsAreWatched);
  before = await everything();

  await publish(messages.map(({ message }) => message));
  await waitFor(allDealtWith, { what: 'the end of the hearsay', withinMs: 60_000 });
  await stopEffects();
  kept = await keptAside();
});
afterAll(stopEffects);

async function makeChannels(): Promise<void> {
  const account = connected({ channelId: channels.former });
  const { workspaceId, externalId } = account.data;
  for (const start of [account, connected({ channelId: channels.foreign })]) {
    await connectedChannel(effects, start.data);
    await disconnect(effects, start);
    await bringAboutAll(effects, start.data.channelId);
    await effects.recorder.record(start.data.channelId, patience);
  }
  await connectedChannel(effects, { channelId: channels.live, workspaceId, externalId });
  const revoked = await connectedChannel(effects, { channelId: channels.revoked });
  const revocation = accessRevoked(revoked);
  await effects.store.append(channelStream(channels.revoked), 0, [revocation], aContext());
  await claimedChannel(effects, connected({ channelId: channels.opening }), 'opening');

  await claimedChannel(effects, connected({ channelId: channels.abandoned }), 'opening');
  const givenUp = abandoned(channels.abandoned);
  await effects.store.append(channelStream(channels.abandoned), 'no_stream', [givenUp], aContext());
  await bringAboutAll(effects, channels.abandoned);
  await effects.recorder.record(channels.abandoned, patience);
  await effects.dataSource.query('TRUNCATE effects.skipped');

  const content = { snapshots: 3, comments: 3, scheduled: 2, published: 1 };
  for (const id of [channels.live, channels.revoked]) {
    await addContent(effects.dataSource, { workspaceId, id }, content);
  }
}

/** The reconciler reads the streams and not the topic: that it has is no doing of a message. */
async function endingsAreWatched(): Promise<boolean> {
  const watched: unknown[] = await effects.dataSource.query('SELECT 1 FROM effects.disconnections');
  return watched.length === 2;
}

async function everything(): Promise<Record<string, Everything>> {
  const found = Object.entries(channels).map(async ([name, channelId]) => [
    name,
    await everythingOf(effects, channelId),
  ]);
  return Object.fromEntries(await Promise.all(found)) as Record<string, Everything>;
}

/** One after another: together they are more than a request may hold. */
async function publish(toSend: readonly Message[]): Promise<void> {
  const producer = kafka.kafka.producer();
  await producer.connect();
  for (const message of toSend) {
    await producer.send({ topic: kafka.topicName(channelsTopic), messages: [message] });
  }
  await producer.disconnect();
}

/** Each group has committed the whole topic, and no work is left. */
async function allDealtWith(): Promise<boolean> {
  const admin = kafka.kafka.admin();
  await admin.connect();
  try {
    for (const effect of announcedEffects) {
      const [topic] = await admin.fetchOffsets({
        groupId: kafka.groupName(consumerGroupOf(effect)),
        topics: [kafka.topicName(channelsTopic)],
      });
      if (topic!.partitions[0]!.offset !== String(messages.length)) return false;
    }
  } finally {
    await admin.disconnect();
  }
  const open: unknown[] = await effects.dataSource.query(
    `SELECT 1 FROM effects.work WHERE state = 'pending'
      UNION ALL SELECT 1 FROM graphile_worker.jobs WHERE task_identifier = ANY ($1)`,
    [announcedEffects],
  );
  return open.length === 0;
}

async function keptAside(): Promise<Kept[]> {
  const from = (table: string): string =>
    `SELECT effect, message_offset AS offset, '${table}' AS kept_in, message_key AS key, headers,
            value, reason FROM ${table}`;
  const rows: (Kept & Record<'key' | 'value', Buffer | null>)[] = await effects.dataSource.query(
    `${from('effects.skipped')} UNION ALL ${from('effects.parked_messages')}`,
  );
  return rows.map((row) => ({ ...row, key: digest(row.key), value: digest(row.value) }));
}

/** Equal for equal bytes only, and shown at a glance when they aren't. */
function digest(bytes: Buffer | string | null): string | null {
  return bytes === null ? null : createHash('sha256').update(bytes).digest('hex');
}

it.each(messages)('$what: stands where it must, whole and once', ({ offset, message, fate }) => {
  // Of a header that came twice the last counts, and is what is kept.
  const { headers } = receivedMessage('', 0, { headers: message.headers } as KafkaMessage);
  const whole = { key: digest(message.key ?? null), headers, value: digest(message.value) };
  for (const effect of announcedEffects) {
    const { in: table, ...why } = fate(effect);
    const one = { effect, offset: String(offset), kept_in: table, ...why, ...whole };
    const seen = kept.filter((row) => row.effect === effect && row.offset === one.offset);
    expect(seen).toEqual(table === 'none' ? [] : [one]);
  }
});

it('changes not a byte of any channel, living, ended or on its way', async () => {
  expect(before.live!['publishing.post_targets']).toHaveLength(3);
  expect(before.live!['vault.tokens']).toHaveLength(1);
  expect(await everything()).toEqual(before);
});

it('never stands in the way of the real disconnect', async () => {
  const { live } = channels;
  const [start] = await effects.store.read(channelStream(live));
  await disconnect(effects, start!.event as Parameters<typeof disconnect>[1]);
  for (const effect of announcedEffects) {
    await effects.inbox.receive(effect, announcement(live, { partition: 1 }));
    await effects.worker.run({ effect, channelId: live }, patience);
    expect(await workOf(effects, live, effect)).toMatchObject({ state: 'done', attempts: 1 });
  }
});
