import { channelsTopic, consumerGroupOf } from '@app/contracts';
import { announcedEffects } from '@app/domain';
import { KafkaClient, MessagePublisher } from '@app/kafka';
import { useTestBed, waitFor } from '@app/testing';
import type { EffectsUnderTest } from './effects-under-test';
import { effectsUnderTest, outcomesOf, workOf } from './effects-under-test';
import { announcement, cachedRows, countCached, disconnectedChannel } from './given';
import { startEffects, stopEffects } from './running-effects';

const bed = useTestBed({ patient: true });
let effects: EffectsUnderTest;
let kafka: KafkaClient;
let publisher: MessagePublisher;
beforeAll(async () => {
  await bed.createTopics();
  effects = await effectsUnderTest(bed);
  kafka = new KafkaClient(await bed.settings('subscribers'));
  publisher = new MessagePublisher(kafka);
  bed.atEnd(() => publisher.close());
});
afterEach(stopEffects);

/** Messages on the topic. */
let announced = 0;

/** Announces a disconnect in Kafka, true or not. */
async function announce(channelId: string): Promise<void> {
  const { headers, value } = announcement(channelId);
  const message = { key: channelId, headers, value: String(value) };
  await publisher.publish([{ topic: channelsTopic, ...message }]);
  announced++;
}

const completion = (channelId: string) =>
  waitFor(
    async () => {
      const events = await outcomesOf(effects, channelId);
      return events.some(({ type }) => type === 'DisconnectionCompleted') && events;
    },
    { what: `the completion of ${channelId}` },
  );

/** How many messages of the topic an effect's group has committed. */
async function committed(effect: string): Promise<number> {
  const admin = kafka.kafka.admin();
  await admin.connect();
  try {
    const [topic] = await admin.fetchOffsets({
      groupId: kafka.groupName(consumerGroupOf(effect)),
      topics: [kafka.topicName(channelsTopic)],
    });
    return topic!.partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
  } finally {
    await admin.disconnect();
  }
}

it('turns one message into every effect, and those into the completion', async () => {
  const channelId = await disconnectedChannel(effects);
  await cachedRows(effects, channelId, 5);
  startEffects(effects);
  await announce(channelId);

  const events = await completion(channelId);
  expect(events).toHaveLength(announcedEffects.length + 1);
  expect(events.at(-1)!.type).toBe('DisconnectionCompleted');
  expect(await countCached(effects, channelId)).toEqual({ analytics: 0, comments: 0 });
});

it('hears what was announced before it ever ran', async () => {
  const channelId = await disconnectedChannel(effects);
  await announce(channelId);
  startEffects(effects);
  await completion(channelId);
});

it('commits no offset before the row is there', async () => {
  const running = startEffects(effects);
  const first = await disconnectedChannel(effects);
  await announce(first);
  await completion(first);
  const before = announced;
  await waitFor(async () => (await committed('token-wipe')) === before);
  await running.stop();

  const channelId = await disconnectedChannel(effects);
  await effects.dataSource.query('ALTER TABLE effects.work RENAME TO work_is_away');
  try {
    const failing = jest.spyOn(effects.inbox, 'receive');
    startEffects(effects);
    await announce(channelId);
    await waitFor(() => failing.mock.calls.length >= announcedEffects.length * 2);
    expect(await committed('token-wipe')).toBe(before);
    failing.mockRestore();
  } finally {
    await effects.dataSource.query('ALTER TABLE effects.work_is_away RENAME TO work');
  }
  await completion(channelId);
  await waitFor(async () => (await committed('token-wipe')) === before + 1);
});

it('takes up what a killed process has left behind', async () => {
  const channelId = await disconnectedChannel(effects);
  for (const effect of announcedEffects)
    await effects.inbox.receive(effect, announcement(channelId));
  await effects.dataSource.query(
    `UPDATE graphile_worker._private_jobs SET locked_at = now(), locked_by = 'killed'`,
  );
  startEffects(effects);
  await completion(channelId);
});

it('gives back what it is in the middle of when it is stopped, for another process to take at once', async () => {
  const channelId = await disconnectedChannel(effects);
  await cachedRows(effects, channelId, 5_000);
  const key = `comments-purge:${channelId}`;
  const deleted = async () =>
    (await workOf(effects, channelId, 'comments-purge'))?.counts.deleted ?? 0;
  // However fast it is, it doesn't come past this one before it is stopped.
  const holder = effects.dataSource.createQueryRunner();
  await holder.startTransaction();
  await holder.query('SELECT FROM insights.comments WHERE id = $1 FOR UPDATE', [
    `${channelId}:2500`,
  ]);
  const working = jest.spyOn(effects.worker, 'run');
  const running = startEffects(effects);
  await announce(channelId);
  await waitFor(async () => (await deleted()) > 0);
  const purges = working.mock.calls.findIndex(([{ effect }]) => effect === 'comments-purge');
  const { signal } = working.mock.calls[purges]![1];
  const stopped = running.stop();
  // Consumers leave first: until then nobody has told the purge to end.
  await waitFor(() => signal.aborted);
  await holder.rollbackTransaction();
  await holder.release();
  await Promise.all([stopped, working.mock.results[purges]!.value]);
  working.mockRestore();
  expect(await deleted()).toBeLessThan(5_000);

  const jobs: unknown[] = await effects.dataSource.query(
    `SELECT attempts, locked_at IS NULL AND run_at <= clock_timestamp() AS may_be_taken
       FROM graphile_worker.jobs WHERE key = $1`,
    [key],
  );
  expect(jobs).toEqual([{ attempts: 0, may_be_taken: true }]);
  startEffects(effects);
  await completion(channelId);
  // Told first, and marked as told then.
  const done = await waitFor(async () => {
    const work = await workOf(effects, channelId, 'comments-purge');
    return work?.state === 'recorded' && work;
  });
  expect(done.counts).toEqual({ deleted: 5_000 });
});
