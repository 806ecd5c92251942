import { channelsTopic, consumerGroupOf } from '@app/contracts';
import type { ChannelId } from '@app/domain';
import { announcedEffects } from '@app/domain';
import { disconnectionStream } from '@app/event-store';
import { KafkaClient, MessagePublisher } from '@app/kafka';
import { aContext, completed, finished, useTestBed, waitFor } from '@app/testing';
import { addTarget, contentOf } from '../../support/content';
import type { EffectsUnderTest } from './effects-under-test';
import { effectsUnderTest, findingsOf, outcomesOf, workOf } from './effects-under-test';
import { announcement, cachedRows, connectedChannel, disconnect } from './given';
import { startEffects, stopEffects } from './running-effects';

const bed = useTestBed({ patient: true });
let effects: EffectsUnderTest;
let kafka: KafkaClient;
beforeAll(async () => {
  await bed.createTopics();
  // At once: nothing else runs here that a look could overtake.
  effects = await effectsUnderTest(bed, { reconcileAfterMs: 0 });
  kafka = new KafkaClient(await bed.settings('subscribers'));
});
afterEach(stopEffects);

const gone = { snapshots: 0, comments: 0, targets: { CANCELED: 1 }, sealed: false };

/** A channel with something for every effect, whose stream has ended. */
async function disconnectedWithContent(): Promise<ChannelId> {
  const start = await connectedChannel(effects);
  const { channelId: id, workspaceId } = start.data;
  await cachedRows(effects, id, 3);
  await addTarget(effects.dataSource, { id, workspaceId }, { status: 'SCHEDULED' });
  await disconnect(effects, start);
  return id;
}

/** Until every effect is recorded in this database and the reconciler takes no interest any more. */
const settled = (channelId: ChannelId) =>
  waitFor(
    async () => {
      const rows: unknown[] = await effects.dataSource.query(
        `SELECT 1 FROM effects.disconnections WHERE channel_id = $1
            AND (SELECT count(*) FROM effects.work
                  WHERE work.channel_id = $1 AND state = 'recorded') = $2`,
        [channelId, announcedEffects.length],
      );
      return rows.length === 1;
    },
    { what: `the end of ${channelId}`, withinMs: 20_000 },
  );

it('given a topic that is lost with its messages, then every effect is done all the same', async () => {
  const publisher = new MessagePublisher(kafka);
  const channelId = await disconnectedWithContent();
  const { headers, value } = announcement(channelId);
  const message = { key: channelId, headers, value: String(value) };
  await publisher.publish([{ topic: channelsTopic, ...message }]);
  await publisher.close();
  await loseTopic();
  startEffects(effects);

  await settled(channelId);

  expect(await contentOf(effects.dataSource, channelId)).toEqual(gone);
  expect((await outcomesOf(effects, channelId)).at(-1)!.type).toBe('DisconnectionCompleted');
  expect(await findingsOf(effects, channelId)).toEqual(
    [...announcedEffects].sort().map((effect) => ({ kind: 'lost-message', effect })),
  );
});

it('given offsets that are set back to the beginning, then nothing is done again', async () => {
  const running = startEffects(effects);
  const channelId = await disconnectedWithContent();
  await publish(channelId);
  await settled(channelId);
  await running.stop();
  const before = await snapshot(channelId);

  await rewind();
  startEffects(effects);
  await publish(channelId);
  const all = await published();
  await waitFor(async () => (await committed()).every((offset) => offset === all));

  expect(await snapshot(channelId)).toEqual(before);
});

it('given an older database, whose stream knows of more than it does, then it is caught up with', async () => {
  const channelId = await disconnectedWithContent();
  // What was done in the database that is lost: this one has all of it still to do.
  const outcomes = announcedEffects.map((effect) => finished(channelId, effect));
  const stream = disconnectionStream(channelId);
  const told = [...outcomes, completed(channelId)];
  await effects.store.append(stream, 'no_stream', told, aContext());
  startEffects(effects);

  await settled(channelId);

  expect(await contentOf(effects.dataSource, channelId)).toEqual(gone);
  expect(await outcomesOf(effects, channelId)).toEqual(told);
});

async function publish(channelId: ChannelId): Promise<void> {
  const publisher = new MessagePublisher(kafka);
  const { headers, value } = announcement(channelId);
  const message = { key: channelId, headers, value: String(value) };
  await publisher.publish([{ topic: channelsTopic, ...message }]);
  await publisher.close();
}

const snapshot = async (channelId: ChannelId) => ({
  content: await contentOf(effects.dataSource, channelId),
  outcomes: await outcomesOf(effects, channelId),
  work: await Promise.all(announcedEffects.map((effect) => workOf(effects, channelId, effect))),
});

async function asAdmin<T>(
  work: (admin: ReturnType<KafkaClient['kafka']['admin']>) => Promise<T>,
): Promise<T> {
  const admin = kafka.kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** The topic comes back empty, as after a cluster that is lost. */
async function loseTopic(): Promise<void> {
  const topic = kafka.topicName(channelsTopic);
  await asAdmin((admin) => admin.deleteTopics({ topics: [topic] }));
  await waitFor(async () => !(await asAdmin((admin) => admin.listTopics())).includes(topic));
  await bed.createTopics();
}

const groups = (): string[] =>
  announcedEffects.map((effect) => kafka.groupName(consumerGroupOf(effect)));

/** A group that nobody knows begins with the oldest message. */
async function rewind(): Promise<void> {
  await asAdmin((admin) => admin.deleteGroups(groups()));
}

/** How many messages are on the topic. */
function published(): Promise<number> {
  return asAdmin(async (admin) => {
    const offsets = await admin.fetchTopicOffsets(kafka.topicName(channelsTopic));
    return offsets.reduce((sum, { high }) => sum + Number(high), 0);
  });
}

/** Of each group, how many messages it has committed. */
async function committed(): Promise<number[]> {
  return asAdmin((admin) =>
    Promise.all(
      groups().map(async (groupId) => {
        const topics = [kafka.topicName(channelsTopic)];
        const [topic] = await admin.fetchOffsets({ groupId, topics });
        return topic!.partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
      }),
    ),
  );
}
