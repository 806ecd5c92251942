import { channelsTopic, messageTypes, topicOf } from '@app/contracts';
import { aChannelId, useTestBed } from '@app/testing';
import { countedHere } from '../../support/exposition';
import type { EffectsUnderTest } from './effects-under-test';
import {
  effectsUnderTest,
  loseJobs,
  patience,
  skippedFor,
  waitingJobs,
  workOf,
} from './effects-under-test';
import { announcement, disconnectedChannel } from './given';

const bed = useTestBed({ patient: true });
let effects: EffectsUnderTest;
beforeAll(async () => {
  effects = await effectsUnderTest(bed);
});

it('makes one row and one job of a message that is delivered five times', async () => {
  const channelId = await disconnectedChannel(effects);
  const message = announcement(channelId);
  for (let time = 1; time <= 5; time++) await effects.inbox.receive('token-wipe', message);

  const row = { state: 'pending', counts: {}, attempts: 0 };
  expect(await workOf(effects, channelId, 'token-wipe')).toEqual(row);
  expect(await waitingJobs(effects, channelId)).toEqual([`token-wipe:${channelId}`]);
});

it('makes a row and a job for each effect that hears of it', async () => {
  const channelId = await disconnectedChannel(effects);
  const message = announcement(channelId);
  await effects.inbox.receive('comments-purge', message);
  await effects.inbox.receive('analytics-purge', message);

  const jobs = [`analytics-purge:${channelId}`, `comments-purge:${channelId}`];
  expect(await waitingJobs(effects, channelId)).toEqual(jobs);
});

it('asks for nothing again once it is done', async () => {
  const channelId = await disconnectedChannel(effects);
  await effects.inbox.receive('token-wipe', announcement(channelId));
  await effects.worker.run({ effect: 'token-wipe', channelId }, patience);
  await loseJobs(effects);

  await effects.inbox.receive('token-wipe', announcement(channelId));

  expect(await waitingJobs(effects, channelId)).toEqual([]);
  const row = { state: 'done', counts: { tokens: 1 }, attempts: 1 };
  expect(await workOf(effects, channelId, 'token-wipe')).toEqual(row);
});

it('writes the row and the job together or not at all', async () => {
  const channelId = await disconnectedChannel(effects);
  const rename = 'ALTER FUNCTION graphile_worker.add_job RENAME TO';
  await effects.dataSource.query(`${rename} add_job_is_away`);
  try {
    const receiving = effects.inbox.receive('token-wipe', announcement(channelId));
    await expect(receiving).rejects.toThrow('add_job');
  } finally {
    await effects.dataSource.query(
      'ALTER FUNCTION graphile_worker.add_job_is_away RENAME TO add_job',
    );
  }
  expect(await workOf(effects, channelId, 'token-wipe')).toBeUndefined();
});

it('is not held up by an effect that is at work on the same channel', async () => {
  const channelId = await disconnectedChannel(effects);
  await effects.inbox.receive('comments-purge', announcement(channelId));
  await effects.dataSource.transaction(async (manager) => {
    await manager.query(
      `UPDATE effects.work SET state = 'done', outcome = 'DONE' WHERE channel_id = $1`,
      [channelId],
    );
    await effects.inbox.receive('comments-purge', announcement(channelId));
  });
});

const typed = (type: string) => ({
  ce_specversion: '1.0',
  ce_source: '/postbreeze/channels',
  ce_type: type,
});
it('keeps aside, whole and once, what it can not read', async () => {
  const headers = { 'ce\0type': '\0' };
  const value = Buffer.from([0, 0xff, 0]);
  const message = announcement(aChannelId(), { key: 'a\0b', headers, value });
  const counted = () => countedHere('postbreeze_messages_skipped_total', { effect: 'token-wipe' });
  const before = await counted();
  await effects.inbox.receive('token-wipe', message);
  await effects.inbox.receive('token-wipe', message);

  const skipped: unknown = await effects.dataSource.query(
    `SELECT topic, partition, message_key, headers, value FROM effects.skipped
      WHERE message_offset = $1`,
    [message.offset],
  );
  const { topic, partition } = message;
  expect(skipped).toEqual([{ topic, partition, message_key: Buffer.from('a\0b'), headers, value }]);
  // Each time that it came.
  expect((await counted()) - before).toBe(2);
});

const othersOnTheTopic = messageTypes.filter(
  (type) => topicOf[type] === channelsTopic && type !== 'ai.postbreeze.channel.disconnected.v1',
);

it.each(othersOnTheTopic)('ignores %s, which is none of its business', async (type) => {
  const channelId = aChannelId();
  const headers = typed(type);
  await effects.inbox.receive('token-wipe', announcement(channelId, { headers }));

  expect(await skippedFor(effects, 'token-wipe', channelId)).toEqual([]);
  expect(await workOf(effects, channelId, 'token-wipe')).toBeUndefined();
});
