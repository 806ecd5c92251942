import { randomUUID } from 'node:crypto';
import type { ChannelId } from '@app/domain';
import { announcedEffects, evolveReceipt, openReceipt } from '@app/domain';
import { channelStream } from '@app/event-store';
import { CheckpointStore } from '@app/persistence';
import { useTestBed, waitFor } from '@app/testing';
import type { EffectsUnderTest } from './effects-under-test';
import {
  effectsUnderTest,
  loseJobs,
  outcomesOf,
  patience,
  skippedFor,
  waitingJobs,
  workOf,
} from './effects-under-test';
import {
  announcement,
  cachedRows,
  connectedChannel,
  disconnect,
  disconnectedChannel,
  insideTheFence,
} from './given';
import { startEffects, stopEffects } from './running-effects';

const maxTries = 3;
const bed = useTestBed({ patient: true });
let effects: EffectsUnderTest;
beforeAll(async () => {
  await bed.createTopics();
  effects = await effectsUnderTest(bed, { effectMaxTries: maxTries });
});
afterEach(stopEffects);

/** The comments can't be purged meanwhile; the other effects can. */
async function withoutComments(during: () => Promise<void>): Promise<void> {
  const rename = (from: string, to: string) =>
    effects.dataSource.query(`ALTER TABLE insights.${from} RENAME TO ${to}`);
  await rename('comments', 'comments_are_away');
  try {
    await during();
  } finally {
    await rename('comments_are_away', 'comments');
  }
}

const work = (channelId: ChannelId) => ({ effect: 'comments-purge', channelId }) as const;

/** Hears of the disconnect, and fails until it is parked. */
async function parked(channelId: ChannelId): Promise<void> {
  await effects.inbox.receive('comments-purge', announcement(channelId));
  await withoutComments(async () => {
    for (let time = 1; time < maxTries; time++) {
      await expect(effects.worker.run(work(channelId), patience)).rejects.toThrow('comments');
    }
    await effects.worker.run(work(channelId), patience);
  });
}

/** The receipt's line of the effect, from the streams alone. */
async function lineOf(channelId: ChannelId) {
  const end = (await effects.store.readLast(channelStream(channelId)))!.event;
  if (end.type !== 'ChannelDisconnected') throw new Error('it lives');
  const events = await outcomesOf(effects, channelId);
  const receipt = events.reduce(
    (before, event) => evolveReceipt(before, event as Parameters<typeof evolveReceipt>[1]),
    openReceipt(end.data),
  );
  const line = receipt.effects.find(({ name }) => name === 'comments-purge')!;
  return { receipt: receipt.status, status: line.status, attempts: line.attempts };
}

it('given an effect that fails each time, then after its last try it is parked, with its error', async () => {
  const channelId = await disconnectedChannel(effects);
  await parked(channelId);

  expect(await workOf(effects, channelId, 'comments-purge')).toMatchObject({
    state: 'parked',
    attempts: maxTries,
  });
  const [found] = (await effects.redrive.parkedEffects()).filter(
    (one) => one.channelId === channelId,
  );
  expect(found!.error).toBe('relation "insights.comments" does not exist');
});

it('given that each process that takes it up is stopped, then it is not parked, and done by one that is not', async () => {
  const channelId = await disconnectedChannel(effects);
  await effects.inbox.receive('comments-purge', announcement(channelId));
  const stopped = { ...patience, signal: AbortSignal.abort() };
  for (let time = 0; time <= maxTries; time++) {
    await effects.worker.run(work(channelId), stopped);
  }
  const row = { state: 'pending', attempts: maxTries + 1 };
  expect(await workOf(effects, channelId, 'comments-purge')).toMatchObject(row);
  expect(await waitingJobs(effects, channelId)).toEqual([`comments-purge:${channelId}`]);

  await effects.worker.run(work(channelId), patience);
  expect(await workOf(effects, channelId, 'comments-purge')).toMatchObject({ state: 'done' });
});

it('given a try under way, then further jobs for its work are no tries, and come again after it', async () => {
  const channelId = await disconnectedChannel(effects);
  await effects.inbox.receive('comments-purge', announcement(channelId));
  const writer = await insideTheFence(effects, channelId);
  const underWay = effects.worker.run(work(channelId), patience);
  await writer.holdsUp();
  await loseJobs(effects);
  for (let time = 0; time <= maxTries; time++) await effects.worker.run(work(channelId), patience);

  expect(await workOf(effects, channelId, 'comments-purge')).toMatchObject({
    state: 'pending',
    attempts: 1,
  });
  expect(await waitingJobs(effects, channelId)).toEqual([`comments-purge:${channelId}`]);
  await writer.leave();
  await underWay;
  expect(await workOf(effects, channelId, 'comments-purge')).toMatchObject({ state: 'done' });
  await effects.worker.run(work(channelId), patience);
  expect(await workOf(effects, channelId, 'comments-purge')).toMatchObject({ attempts: 1 });
});

it('given a try that has lost its connection, and another one after it, then the first parks nothing', async () => {
  const channelId = await disconnectedChannel(effects);
  await effects.inbox.receive('comments-purge', announcement(channelId));
  const writer = await insideTheFence(effects, channelId);
  const lost = effects.worker.run(work(channelId), patience);
  const connection = await writer.holdsUp();
  // As the other one begins, the last that there is.
  await effects.dataSource.query(
    `UPDATE effects.work SET attempts = attempts + 1, tries = $2 WHERE channel_id = $1`,
    [channelId, maxTries],
  );
  await effects.dataSource.query('SELECT pg_terminate_backend($1)', [connection]);
  await expect(lost).rejects.toThrow('terminat');
  expect(await workOf(effects, channelId, 'comments-purge')).toMatchObject({ state: 'pending' });
  await writer.leave();
});

it('given a parked effect, then the receipt shows it and nothing completes, until it is redriven', async () => {
  const channelId = await disconnectedChannel(effects);
  await parked(channelId);
  for (const effect of announcedEffects.filter((one) => one !== 'comments-purge')) {
    await effects.inbox.receive(effect, announcement(channelId));
    await effects.worker.run({ effect, channelId }, patience);
  }
  await effects.recorder.record(channelId, patience);
  expect(await lineOf(channelId)).toEqual({
    receipt: 'PENDING',
    status: 'PARKED',
    attempts: maxTries,
  });
  await effects.worker.run(work(channelId), patience);
  expect(await workOf(effects, channelId, 'comments-purge')).toMatchObject({ state: 'parked' });

  await loseJobs(effects);
  expect(await effects.redrive.redriveEffect(work(channelId))).toBe(true);
  expect(await waitingJobs(effects, channelId)).toEqual([`comments-purge:${channelId}`]);
  await effects.worker.run(work(channelId), patience);
  await effects.recorder.record(channelId, patience);

  expect(await lineOf(channelId)).toEqual({
    receipt: 'COMPLETED',
    status: 'DONE',
    attempts: maxTries + 1,
  });
  expect(await effects.redrive.redriveEffect(work(channelId))).toBe(false);
});

it('given a parking that nobody recorded, then the sweep has it recorded, once', async () => {
  const channelId = await disconnectedChannel(effects);
  await parked(channelId);
  await loseJobs(effects);
  await effects.sweep.run('0');
  expect(await waitingJobs(effects, channelId)).toEqual([`record:${channelId}`]);

  await effects.recorder.record(channelId, patience);
  await effects.recorder.record(channelId, patience);
  await loseJobs(effects);
  await effects.sweep.run('0');

  const types = (await outcomesOf(effects, channelId)).map(({ type }) => type);
  expect(types).toEqual(['EffectParked']);
  expect(await waitingJobs(effects, channelId)).toEqual([]);
});

it('given tries whose process ended each time, then it is parked instead of killing one more', async () => {
  const channelId = await disconnectedChannel(effects);
  await effects.inbox.receive('comments-purge', announcement(channelId));
  await effects.dataSource.query(
    `UPDATE effects.work SET tries = $2, attempts = $2, first_attempt_at = now()
      WHERE channel_id = $1`,
    [channelId, maxTries],
  );
  await effects.worker.run(work(channelId), patience);

  const found = await effects.redrive.parkedEffects();
  expect(found.find((one) => one.channelId === channelId)!.error).toBe(
    'the process ended in the middle of the last try',
  );
});

it('given a channel whose effect is parked, then other channels go on', async () => {
  const stuck = await disconnectedChannel(effects);
  await parked(stuck);
  const channelId = await disconnectedChannel(effects);
  await cachedRows(effects, channelId, 3);
  startEffects(effects);
  for (const effect of announcedEffects) {
    await effects.inbox.receive(effect, announcement(channelId));
  }
  await waitFor(async () => (await outcomesOf(effects, channelId)).length === 5);
  expect(await workOf(effects, stuck, 'comments-purge')).toMatchObject({ state: 'parked' });
});

describe('a disconnect in a version that this release does not know', () => {
  const type = 'ai.postbreeze.channel.disconnected.v2';
  const later = (channelId: ChannelId, ce_type = type) => {
    const message = announcement(channelId);
    return { ...message, headers: { ...message.headers, ce_type } };
  };
  const parkedFor = async (channelId: ChannelId) =>
    (await effects.redrive.parkedMessages()).filter(({ message }) => message.key === channelId);

  it.each([type, 'ai.postbreeze.channel.disconnected.\0'])(
    'is parked whole, once, and neither skipped nor done: %j',
    async (unknown) => {
      const channelId = await disconnectedChannel(effects);
      const message = later(channelId, unknown);
      await effects.inbox.receive('token-wipe', message);
      await effects.inbox.receive('token-wipe', message);

      const kept = await parkedFor(channelId);
      expect(kept.map((one) => one.message)).toEqual([message]);
      expect(kept[0]!.reason).toBe(`unknown version ${JSON.stringify(unknown)}`);
      expect(await skippedFor(effects, 'token-wipe', channelId)).toEqual([]);
      expect(await workOf(effects, channelId, 'token-wipe')).toBeUndefined();
    },
  );

  it('stays parked when redriven by the same release', async () => {
    const channelId = await disconnectedChannel(effects);
    await effects.inbox.receive('token-wipe', later(channelId));
    const [kept] = await parkedFor(channelId);
    expect(await effects.redrive.redriveMessage(kept!)).toBe(false);
    expect(await parkedFor(channelId)).toHaveLength(1);
  });

  it('is done once redriven by a release that reads it', async () => {
    const channelId = await disconnectedChannel(effects);
    await effects.inbox.receive('token-wipe', later(channelId));
    // As it would look to a release that knows the version.
    await effects.dataSource.query(
      `UPDATE effects.parked_messages
          SET headers = (headers::jsonb || '{"ce_type": "ai.postbreeze.channel.disconnected.v1"}')::json
        WHERE message_key = $1`,
      [Buffer.from(channelId)],
    );
    const [kept] = await parkedFor(channelId);
    expect(await effects.redrive.redriveMessage(kept!)).toBe(true);
    expect(await parkedFor(channelId)).toEqual([]);
    expect(await waitingJobs(effects, channelId)).toEqual([`token-wipe:${channelId}`]);
  });
});

it('given an event store that has lost the disconnect, then it is no hearsay: it comes again, costs no try, and is done once it is recorded', async () => {
  const { inbox, worker, store, dataSource } = effects;
  const start = await connectedChannel(effects);
  const { channelId } = start.data;
  const { id, position, recordedAt } = (await store.lastEvent())!;
  const event = { id: randomUUID(), position, recordedAt };
  const standing = { position, event };
  const checkpoints = new CheckpointStore(dataSource);
  await checkpoints.save(dataSource.manager, 'registrar', null, standing);
  await inbox.receive('comments-purge', announcement(channelId));
  for (let time = 0; time <= maxTries; time++) await worker.run(work(channelId), patience);
  expect(await workOf(effects, channelId, 'comments-purge')).toMatchObject({ state: 'pending' });
  expect(await skippedFor(effects, 'comments-purge', channelId)).toEqual([]);
  expect(await waitingJobs(effects, channelId)).toContain(`comments-purge:${channelId}`);

  await disconnect(effects, start);
  const mended = { position, event: { id, position, recordedAt } };
  await checkpoints.save(dataSource.manager, 'registrar', standing, mended);
  await worker.run(work(channelId), patience);
  expect(await workOf(effects, channelId, 'comments-purge')).toMatchObject({ state: 'done' });
});
