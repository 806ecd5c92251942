import type { ChannelId } from '@app/domain';
import { announcedEffects } from '@app/domain';
import { useTestBed } from '@app/testing';
import { contentOf } from '../../support/content';
import { countedHere } from '../../support/exposition';
import type { EffectsUnderTest } from './effects-under-test';
import {
  effectsUnderTest,
  findingsOf,
  loseJobs,
  outcomesOf,
  patience,
  waitingJobs,
} from './effects-under-test';
import { bringAboutAll, cachedRows, connectedChannel, disconnectedChannel } from './given';
import { plantSurvivor } from './plant-survivor';

const bed = useTestBed({ patient: true });
let effects: EffectsUnderTest;
beforeAll(async () => {
  effects = await effectsUnderTest(bed, { reconcileAfterMs: 0 });
});

const { signal } = new AbortController();

/** A channel whose disconnect is done and recorded, and watched. */
async function endedChannel(): Promise<ChannelId> {
  const channelId = await disconnectedChannel(effects);
  await bringAboutAll(effects, channelId);
  await effects.recorder.record(channelId, patience);
  await effects.survivors.scan(signal);
  await effects.watch.look(channelId, patience);
  await effects.dataSource.query('DELETE FROM effects.findings');
  await loseJobs(effects);
  return channelId;
}

it('given what survived of an ended channel, of each kind, then exactly that is found and taken away', async () => {
  const untouched = await endedChannel();
  const live = (await connectedChannel(effects)).data.channelId;
  await cachedRows(effects, live, 2);
  for (const effect of announcedEffects) {
    const channelId = await endedChannel();
    const told = await outcomesOf(effects, channelId);
    await plantSurvivor(effects.dataSource, effect, channelId);

    const kind = 'survivor';
    const counted = () => countedHere('postbreeze_reconciler_findings_total', { kind, effect });
    const before = await counted();
    expect(await effects.survivors.scan(signal)).toEqual([{ kind, channelId, effect }]);
    expect((await counted()) - before).toBe(1);
    expect(await findingsOf(effects, channelId)).toEqual([{ kind, effect }]);
    expect(await waitingJobs(effects, channelId)).toEqual([`${effect}:${channelId}`]);
    // It is being repaired: no second finding.
    expect(await effects.survivors.scan(signal)).toEqual([]);

    await effects.worker.run({ effect, channelId }, patience);
    await effects.recorder.record(channelId, patience);
    expect(await contentOf(effects.dataSource, channelId)).toEqual({
      snapshots: 0,
      comments: 0,
      targets: effect === 'schedule-cancel' ? { CANCELED: 1 } : null,
      sealed: false,
    });
    expect(await outcomesOf(effects, channelId)).toEqual(told);
    expect(await effects.survivors.scan(signal)).toEqual([]);
  }
  expect(await findingsOf(effects, untouched)).toEqual([]);
  expect(await contentOf(effects.dataSource, live)).toMatchObject({ snapshots: 2, sealed: true });
});

it('given a disconnect that the reconciler has missed, then it is found and watched', async () => {
  const channelId = await disconnectedChannel(effects);
  await effects.dataSource.query(
    `INSERT INTO registry.endings (channel_id, kind, ended_at)
     VALUES ($1, 'disconnected', now() - interval '1 hour')`,
    [channelId],
  );
  const found = await effects.survivors.scan(signal);
  // Its tokens are still there too, and no effect has been asked for.
  expect(found).toContainEqual({ kind: 'unwatched', channelId, effect: null });
  expect(found).toContainEqual({ kind: 'survivor', channelId, effect: 'token-wipe' });
  expect(await waitingJobs(effects, channelId)).toEqual([
    `token-wipe:${channelId}`,
    `watch:${channelId}`,
  ]);
});

it('given an ending of a channel that lives, by whose mistake ever, then nothing of it is taken', async () => {
  const { channelId } = (await connectedChannel(effects)).data;
  await cachedRows(effects, channelId, 2);
  await effects.dataSource.query(
    `INSERT INTO registry.endings (channel_id, kind, ended_at)
     VALUES ($1, 'disconnected', now() - interval '1 hour')`,
    [channelId],
  );
  await effects.survivors.scan(signal);
  for (const effect of announcedEffects) await effects.worker.run({ effect, channelId }, patience);

  expect(await contentOf(effects.dataSource, channelId)).toEqual({
    snapshots: 2,
    comments: 2,
    targets: null,
    sealed: true,
  });
});
