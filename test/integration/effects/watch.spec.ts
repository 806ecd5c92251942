import type { ChannelId } from '@app/domain';
import { announcedEffects, planDisconnection } from '@app/domain';
import { channelStream } from '@app/event-store';
import { aContext, disconnected, useTestBed } from '@app/testing';
import type { EffectsUnderTest } from './effects-under-test';
import {
  effectsUnderTest,
  findingsOf,
  loseJobs,
  outcomesOf,
  patience,
  waitingJobs,
  workOf,
} from './effects-under-test';
import { announcement, bringAboutAll, connectedChannel } from './given';

const bed = useTestBed();
let effects: EffectsUnderTest;
beforeAll(async () => {
  effects = await effectsUnderTest(bed);
});

const minute = 60_000;

/** A channel that was disconnected so long ago, as the reconciler has read it. */
async function watched(agoMs: number): Promise<ChannelId> {
  const start = await connectedChannel(effects);
  const { channelId } = start.data;
  const requestedAt = new Date(Date.now() - agoMs).toISOString();
  const plan = planDisconnection(requestedAt, 20);
  const end = disconnected(start, { requestedAt, plan });
  await effects.store.append(channelStream(channelId), 0, [end], aContext());
  const recorded = (await effects.store.readLast(channelStream(channelId)))!;
  await effects.dataSource.transaction((manager) => effects.reconciler.apply(manager, [recorded]));
  return channelId;
}

async function rowOf(channelId: ChannelId) {
  const [row]: Record<'alerted_at' | 'overdue_at' | 'settled_at', Date | null>[] =
    await effects.dataSource.query(
      `SELECT alerted_at, overdue_at, settled_at FROM effects.disconnections WHERE channel_id = $1`,
      [channelId],
    );
  return Object.entries(row!)
    .filter(([, at]) => at !== null)
    .map(([name]) => name);
}

/** Milliseconds from now on, on database time. */
async function nextLookIn(channelId: ChannelId): Promise<number | undefined> {
  const rows: { ms: number }[] = await effects.dataSource.query(
    `SELECT extract(epoch FROM run_at - clock_timestamp())::float * 1000 AS ms
       FROM graphile_worker.jobs WHERE key = 'watch:' || $1`,
    [channelId],
  );
  return rows[0]?.ms;
}

const typesOf = async (channelId: ChannelId) =>
  (await outcomesOf(effects, channelId)).map(({ type }) => type);

it('given a disconnect that the reconciler reads, then it is looked after a minute later', async () => {
  const channelId = await watched(0);
  const ms = await nextLookIn(channelId);
  expect(ms).toBeGreaterThan(50_000);
  expect(ms).toBeLessThanOrEqual(minute);
});

it('given everything recorded, then it is settled, and nobody looks again', async () => {
  const channelId = await watched(minute);
  await bringAboutAll(effects, channelId);
  await effects.recorder.record(channelId, patience);
  await loseJobs(effects);

  await effects.watch.look(channelId, patience);

  expect(await rowOf(channelId)).toEqual(['settled_at']);
  expect(await nextLookIn(channelId)).toBeUndefined();
  expect(await findingsOf(effects, channelId)).toEqual([]);
});

it('given effects that nobody was told of, then they are asked for, and written down as found', async () => {
  const channelId = await watched(minute);
  await effects.inbox.receive('token-wipe', announcement(channelId));
  await effects.worker.run({ effect: 'token-wipe', channelId }, patience);
  await loseJobs(effects);

  await effects.watch.look(channelId, patience);

  const lost = announcedEffects.filter((effect) => effect !== 'token-wipe').sort();
  expect(await findingsOf(effects, channelId)).toEqual(
    lost.map((effect) => ({ kind: 'lost-message', effect })),
  );
  const jobs = [...lost.map((effect) => `${effect}:${channelId}`), `watch:${channelId}`];
  expect(await waitingJobs(effects, channelId)).toEqual(jobs.sort());
  expect(await workOf(effects, channelId, 'token-wipe')).toMatchObject({ state: 'done' });
  await effects.watch.look(channelId, patience);
  expect(await findingsOf(effects, channelId)).toHaveLength(lost.length);
});

it.each([
  ['a minute', minute, [], 14 * minute],
  ['15 minutes', 15 * minute, ['alerted_at'], 60 * minute],
  ['19 and a half hours', 19.5 * 60 * minute, ['alerted_at'], 30 * minute],
])('given one that is open after %s', async (_, agoMs, seen, nextMs) => {
  const channelId = await watched(agoMs);
  await loseJobs(effects);
  await effects.watch.look(channelId, patience);

  expect(await rowOf(channelId)).toEqual(seen);
  expect(await typesOf(channelId)).toEqual([]);
  const ms = await nextLookIn(channelId);
  expect(ms).toBeLessThanOrEqual(nextMs);
  expect(ms).toBeGreaterThan(nextMs - minute);
});

it('given one that is open at its deadline, then it is overdue, once, and a late success completes it', async () => {
  const channelId = await watched(20 * 60 * minute);
  await effects.inbox.receive('token-wipe', announcement(channelId));
  await effects.worker.run({ effect: 'token-wipe', channelId }, patience);
  await effects.recorder.record(channelId, patience);

  await effects.watch.look(channelId, patience);
  await effects.dataSource.query('UPDATE effects.disconnections SET overdue_at = NULL');
  await effects.watch.look(channelId, patience);

  const [, overdue, ...rest] = await outcomesOf(effects, channelId);
  expect(rest).toEqual([]);
  expect(overdue).toMatchObject({
    type: 'DisconnectionOverdue',
    data: { channelId, open: announcedEffects.filter((effect) => effect !== 'token-wipe') },
  });
  expect(await rowOf(channelId)).toEqual(['alerted_at', 'overdue_at']);

  await bringAboutAll(effects, channelId);
  await effects.recorder.record(channelId, patience);
  expect((await typesOf(channelId)).at(-1)).toBe('DisconnectionCompleted');
  await effects.watch.look(channelId, patience);
  expect(await rowOf(channelId)).toEqual(['alerted_at', 'overdue_at', 'settled_at']);
});

it('given a look whose job was lost, then the sweep asks for it again', async () => {
  const channelId = await watched(minute);
  await loseJobs(effects);
  await effects.sweep.run('0');
  expect(await waitingJobs(effects, channelId)).toEqual([`watch:${channelId}`]);
});
