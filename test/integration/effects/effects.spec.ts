import type { ChannelId } from '@app/domain';
import { announcedEffects, planDisconnection } from '@app/domain';
import { channelStream } from '@app/event-store';
import { abandoned, aContext, requestedAt, useTestBed } from '@app/testing';
import type { EffectsUnderTest } from './effects-under-test';
import { effectsUnderTest, patience, skippedFor, waitingJobs, workOf } from './effects-under-test';
import {
  announcement,
  bringAboutAll,
  cachedRows,
  connectedChannel,
  countCached,
  disconnect,
  disconnectedChannel,
} from './given';

const bed = useTestBed({ patient: true });
let effects: EffectsUnderTest;
beforeAll(async () => {
  effects = await effectsUnderTest(bed);
});

async function hasTokens(channelId: ChannelId): Promise<boolean> {
  const rows: unknown[] = await effects.dataSource.query(
    'SELECT 1 FROM vault.tokens WHERE channel_id = $1 AND sealed_tokens IS NOT NULL',
    [channelId],
  );
  return rows.length === 1;
}

async function registryState(channelId: ChannelId): Promise<string | undefined> {
  const rows: { state: string }[] = await effects.dataSource.query(
    'SELECT state FROM registry.channels WHERE id = $1',
    [channelId],
  );
  return rows[0]?.state;
}

it('happen to the channel that was disconnected, and to nothing of another one', async () => {
  const channelId = await disconnectedChannel(effects);
  const other = (await connectedChannel(effects)).data.channelId;
  await cachedRows(effects, channelId, 7);
  await cachedRows(effects, other, 3);

  await bringAboutAll(effects, channelId);

  expect(await countCached(effects, channelId)).toEqual({ analytics: 0, comments: 0 });
  expect(await hasTokens(channelId)).toBe(false);
  expect(await registryState(channelId)).toBe('ended');
  expect(await countCached(effects, other)).toEqual({ analytics: 3, comments: 3 });
  expect(await hasTokens(other)).toBe(true);
  expect(await registryState(other)).toBe('live');
  expect(
    await Promise.all(announcedEffects.map((effect) => workOf(effects, channelId, effect))),
  ).toEqual([
    { state: 'done', counts: { tokens: 1 }, attempts: 1 },
    { state: 'done', counts: { deleted: 7 }, attempts: 1 },
    { state: 'done', counts: { deleted: 7 }, attempts: 1 },
    { state: 'done', counts: { canceled: 0, publishing: 0 }, attempts: 1 },
  ]);
});

it('write down that the channel has ended, where a restored database has forgotten it', async () => {
  const endingOf = async (channelId: ChannelId): Promise<unknown> =>
    effects.dataSource.query(
      `SELECT kind, ended_at AS "endedAt" FROM registry.endings WHERE channel_id = $1`,
      [channelId],
    );
  const endedAt = new Date(requestedAt);
  const gone = await disconnectedChannel(effects);
  await bringAboutAll(effects, gone);
  expect(await endingOf(gone)).toEqual([{ kind: 'disconnected', endedAt }]);

  const { channelId } = (await connectedChannel(effects)).data;
  await effects.store.append(channelStream(channelId), 0, [abandoned(channelId)], aContext());
  await bringAboutAll(effects, channelId);
  expect(await endingOf(channelId)).toEqual([{ kind: 'abandoned', endedAt }]);
});

it('happen once when two workers have the same work, and are counted once', async () => {
  const channelId = await disconnectedChannel(effects);
  await cachedRows(effects, channelId, 50);
  const work = { effect: 'analytics-purge', channelId } as const;
  await effects.inbox.receive('analytics-purge', announcement(channelId));

  await Promise.all(Array.from({ length: 5 }, () => effects.worker.run(work, patience)));

  const row = await workOf(effects, channelId, 'analytics-purge');
  expect(row).toMatchObject({ state: 'done', counts: { deleted: 50 } });
});

it('undo nothing halfway: what fails leaves the row pending, with its try counted', async () => {
  const channelId = await disconnectedChannel(effects);
  await cachedRows(effects, channelId, 4);
  await effects.inbox.receive('comments-purge', announcement(channelId));
  const work = { effect: 'comments-purge', channelId } as const;
  const rename = 'ALTER FUNCTION graphile_worker.add_job RENAME TO';
  await effects.dataSource.query(`${rename} add_job_is_away`);
  try {
    await expect(effects.worker.run(work, patience)).rejects.toThrow('add_job');
  } finally {
    await effects.dataSource.query(
      'ALTER FUNCTION graphile_worker.add_job_is_away RENAME TO add_job',
    );
  }
  expect(await countCached(effects, channelId)).toEqual({ analytics: 4, comments: 4 });
  const pending = { state: 'pending', counts: {}, attempts: 1 };
  expect(await workOf(effects, channelId, 'comments-purge')).toEqual(pending);

  await effects.worker.run(work, patience);
  const done = { state: 'done', counts: { deleted: 4 }, attempts: 2 };
  expect(await workOf(effects, channelId, 'comments-purge')).toEqual(done);
  expect(await countCached(effects, channelId)).toEqual({ analytics: 4, comments: 0 });
});

describe('on hearsay', () => {
  it('keeps every forged message, not only the first', async () => {
    const { channelId } = (await connectedChannel(effects)).data;
    const forged = [announcement(channelId), announcement(channelId), announcement(channelId)];
    for (const message of forged) await effects.inbox.receive('token-wipe', message);
    await effects.worker.run({ effect: 'token-wipe', channelId }, patience);

    const reason = 'the channel is connected';
    const kept = forged.map(({ offset }) => ({ offset, reason }));
    expect(await skippedFor(effects, 'token-wipe', channelId)).toEqual(kept);
  });

  it('refuses nothing that was announced while the stream was being asked', async () => {
    const start = await connectedChannel(effects);
    const { channelId } = start.data;
    await effects.inbox.receive('token-wipe', announcement(channelId));
    const real = announcement(channelId);
    const readLast = effects.store.readLast.bind(effects.store);
    const reading = jest.spyOn(effects.store, 'readLast').mockImplementationOnce(async (stream) => {
      const end = await readLast(stream);
      await disconnect(effects, start);
      await effects.inbox.receive('token-wipe', real);
      return end;
    });

    await effects.worker.run({ effect: 'token-wipe', channelId }, patience);
    reading.mockRestore();

    expect(await workOf(effects, channelId, 'token-wipe')).toMatchObject({ state: 'pending' });
    expect(await waitingJobs(effects, channelId)).toEqual([`token-wipe:${channelId}`]);
    await effects.worker.run({ effect: 'token-wipe', channelId }, patience);
    expect(await workOf(effects, channelId, 'token-wipe')).toMatchObject({ state: 'done' });
    expect(await skippedFor(effects, 'token-wipe', channelId)).toEqual([]);
  });

  it('does nothing that the disconnect did not plan', async () => {
    const start = await connectedChannel(effects);
    const { channelId } = start.data;
    const plan = planDisconnection(requestedAt, 20).filter(({ effect }) => effect === 'token-wipe');
    await disconnect(effects, start, plan);
    await cachedRows(effects, channelId, 2);
    await effects.inbox.receive('comments-purge', announcement(channelId));
    await effects.worker.run({ effect: 'comments-purge', channelId }, patience);

    expect(await countCached(effects, channelId)).toEqual({ analytics: 2, comments: 2 });
    expect(await workOf(effects, channelId, 'comments-purge')).toBeUndefined();
  });
});
