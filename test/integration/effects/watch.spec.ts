import type { ChannelId, EffectName } from '@app/domain';
import { announcedEffects, effectNames, planDisconnection } from '@app/domain';
import { OpenWorkMetricsModule } from '@app/effects';
import { channelStream } from '@app/event-store';
import { MetricsModule, Scrapes } from '@app/observability';
import { aContext, disconnected, useTestBed, waitFor } from '@app/testing';
import { countedHere, parseExposition, valueOf } from '../../support/exposition';
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

const bed = useTestBed({ patient: true });
let effects: EffectsUnderTest;
beforeAll(async () => {
  const modules = [MetricsModule, OpenWorkMetricsModule];
  effects = await effectsUnderTest(bed, { metricsCacheMs: 0 }, modules);
});

const minute = 60_000;

/** A channel that was disconnected so long ago, as the reconciler has read it. */
async function watched(
  agoMs: number,
  planned: readonly EffectName[] = announcedEffects,
): Promise<ChannelId> {
  const start = await connectedChannel(effects);
  const { channelId } = start.data;
  const requestedAt = new Date(Date.now() - agoMs).toISOString();
  const plan = planDisconnection(requestedAt, 20, planned);
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
  const counted = () =>
    countedHere('postbreeze_reconciler_findings_total', { kind: 'lost-message' });
  const before = await counted();

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
  expect((await counted()) - before).toBe(lost.length);
});

it('given a planned revocation whose row is lost with its token, then it fails, and the disconnection is completed by what is true', async () => {
  // None is shown where the database is too busy to answer a look.
  const open = () =>
    waitFor(async () =>
      valueOf(
        parseExposition(await effects.get(Scrapes).exposition()),
        'postbreeze_disconnections_open',
      ),
    );
  const before = await open();
  const channelId = await watched(minute, effectNames);
  await bringAboutAll(effects, channelId);
  // As a wipe leaves it where a provider is configured; then it is lost.
  await effects.dataSource.query(
    `WITH kept AS (UPDATE effects.work
        SET evidence = evidence || '{"revocationCopyUntil": "2026-11-01T09:00:00.000Z"}'
      WHERE channel_id = $1 AND effect = 'token-wipe')
     DELETE FROM effects.work WHERE channel_id = $1 AND effect = 'grant-revocation'`,
    [channelId],
  );
  await effects.recorder.record(channelId, patience);
  await loseJobs(effects);
  expect(await open()).toBe(before + 1);

  await effects.watch.look(channelId, patience);
  const jobs = [`grant-revocation:${channelId}`, `watch:${channelId}`];
  expect(await waitingJobs(effects, channelId)).toEqual(jobs);
  await effects.revoker.run(channelId, patience);
  await effects.recorder.record(channelId, patience);
  expect((await outcomesOf(effects, channelId)).slice(-2)).toMatchObject([
    { data: { effect: 'grant-revocation', status: 'FAILED' } },
    { type: 'DisconnectionCompleted' },
  ]);
  await effects.watch.look(channelId, patience);
  expect(await rowOf(channelId)).toEqual(['settled_at']);
  expect(await open()).toBe(before);
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
