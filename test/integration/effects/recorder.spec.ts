import type { EffectOutcome } from '@app/domain';
import { announcedEffects } from '@app/domain';
import { channelStream, disconnectionStream } from '@app/event-store';
import { abandoned, aContext, completed, useTestBed } from '@app/testing';
import type { EffectsUnderTest } from './effects-under-test';
import {
  effectsUnderTest,
  loseJobs,
  outcomesOf,
  patience,
  waitingJobs,
  workOf,
} from './effects-under-test';
import { announcement, bringAboutAll, connectedChannel, disconnectedChannel } from './given';

const bed = useTestBed({ patient: true });
let effects: EffectsUnderTest;
beforeAll(async () => {
  effects = await effectsUnderTest(bed);
});

/** What the work rows say, as the events that must follow from them. */
async function finishedOf(channelId: string) {
  const rows: (EffectOutcome & { finished: Date; first: Date })[] = await effects.dataSource.query(
    `SELECT channel_id AS "channelId", effect, 'DONE' AS status, counts, attempts, evidence,
            first_attempt_at AS first, finished_at AS finished
       FROM effects.work WHERE channel_id = $1 ORDER BY finished_at`,
    [channelId],
  );
  return rows.map(({ first, finished, evidence, ...outcome }) => ({
    type: 'EffectFinished',
    data: {
      ...outcome,
      ...(evidence ? { evidence } : {}),
      firstAttemptAt: first.toISOString(),
      finishedAt: finished.toISOString(),
    },
  }));
}

it('given every effect done, when recorded, then exactly their outcomes and the completion stand in one append', async () => {
  const channelId = await disconnectedChannel(effects);
  await bringAboutAll(effects, channelId);
  expect(await waitingJobs(effects, channelId)).toContain(`record:${channelId}`);

  await effects.recorder.record(channelId, patience);

  const finished = await finishedOf(channelId);
  expect(finished.map(({ data }) => data.effect)).toEqual([...announcedEffects]);
  const latest = finished[3]!.data.finishedAt;
  expect(await outcomesOf(effects, channelId)).toEqual([...finished, completed(channelId, latest)]);
  const recorded = await effects.store.read(disconnectionStream(channelId));
  const [{ id, metadata }] = [(await effects.store.readLast(channelStream(channelId)))!];
  expect(recorded.map((event) => event.metadata)).toEqual(
    recorded.map(() => ({
      correlationId: metadata.correlationId,
      causationId: id,
      actor: 'subscribers',
      schemaVersion: 1,
    })),
  );
});

it('given outcomes recorded one by one, then the completion stands in the append of the last', async () => {
  const channelId = await disconnectedChannel(effects);
  const message = announcement(channelId);
  const revisions: number[] = [];
  for (const effect of announcedEffects) {
    await effects.inbox.receive(effect, message);
    await effects.worker.run({ effect, channelId }, patience);
    const appending = jest.spyOn(effects.store, 'append');
    await effects.recorder.record(channelId, patience);
    revisions.push(...appending.mock.calls.map(([, , events]) => events.length));
    appending.mockRestore();
  }
  expect(revisions).toEqual([1, 1, 1, 2]);
  const types = (await outcomesOf(effects, channelId)).map(({ type }) => type);
  expect(types).toEqual([
    ...announcedEffects.map(() => 'EffectFinished'),
    'DisconnectionCompleted',
  ]);
});

it('given a crash between the effect and its outcome, when swept, then it is recorded once', async () => {
  const channelId = await disconnectedChannel(effects);
  await bringAboutAll(effects, channelId);
  await loseJobs(effects);

  await effects.sweep.run('0');
  expect(await waitingJobs(effects, channelId)).toEqual([`record:${channelId}`]);
  await effects.recorder.record(channelId, patience);
  const first = await outcomesOf(effects, channelId);
  await effects.recorder.record(channelId, patience);
  await loseJobs(effects);
  await effects.sweep.run('0');

  expect(first).toHaveLength(5);
  expect(await outcomesOf(effects, channelId)).toEqual(first);
  expect(await waitingJobs(effects, channelId)).toEqual([]);
});

it('given a crash between the append and its mark, when recorded again, then nothing is appended', async () => {
  const channelId = await disconnectedChannel(effects);
  await bringAboutAll(effects, channelId);
  await effects.recorder.record(channelId, patience);
  const first = await outcomesOf(effects, channelId);
  await effects.dataSource.query(
    `UPDATE effects.work SET state = 'done', outcome = 'DONE' WHERE channel_id = $1`,
    [channelId],
  );

  await effects.recorder.record(channelId, patience);

  expect(await outcomesOf(effects, channelId)).toEqual(first);
  expect(await workOf(effects, channelId, 'token-wipe')).toMatchObject({ state: 'recorded' });
});

it('given several recorders at once, then each outcome stands once', async () => {
  const channelId = await disconnectedChannel(effects);
  await bringAboutAll(effects, channelId);
  await Promise.all(Array.from({ length: 4 }, () => effects.recorder.record(channelId, patience)));
  expect(await outcomesOf(effects, channelId)).toHaveLength(5);
});

it('records nothing of a connect that was abandoned: its tokens are wiped, that is all', async () => {
  const { channelId } = (await connectedChannel(effects)).data;
  const ending = abandoned(channelId);
  await effects.store.append(channelStream(channelId), 0, [ending], aContext());
  await effects.inbox.receive('token-wipe', announcement(channelId));
  await effects.worker.run({ effect: 'token-wipe', channelId }, patience);
  await effects.recorder.record(channelId, patience);

  expect(await outcomesOf(effects, channelId)).toEqual([]);
  const wiped = { state: 'recorded', counts: { tokens: 1 }, attempts: 1 };
  expect(await workOf(effects, channelId, 'token-wipe')).toEqual(wiped);
});

describe('The sweep', () => {
  async function strandedWork(): Promise<string> {
    const channelId = await disconnectedChannel(effects);
    await effects.inbox.receive('token-wipe', announcement(channelId));
    return channelId;
  }
  const setJob = (channelId: string, change: string) =>
    effects.dataSource.query(
      `UPDATE graphile_worker._private_jobs SET ${change} WHERE key = 'token-wipe:' || $1`,
      [channelId],
    );

  it.each([
    ['that a killed worker held', `locked_at = now(), locked_by = 'gone'`],
    ['that gave up', 'attempts = max_attempts'],
  ])('replaces a job %s', async (_, change) => {
    const channelId = await strandedWork();
    await setJob(channelId, change);
    expect(await waitingJobs(effects, channelId)).toEqual([]);

    await effects.sweep.run('0');
    expect(await waitingJobs(effects, channelId)).toEqual([`token-wipe:${channelId}`]);
  });

  it('leaves a job alone that is held for less than a dead one would be', async () => {
    const channelId = await strandedWork();
    await setJob(channelId, `locked_at = now(), locked_by = 'alive'`);
    await effects.sweep.run('5 minutes');
    expect(await waitingJobs(effects, channelId)).toEqual([]);
  });

  it('leaves a job alone that only waits for its time', async () => {
    const channelId = await strandedWork();
    await setJob(channelId, `run_at = now() + interval '1 hour'`);
    await effects.sweep.run('0');
    const jobs: unknown = await effects.dataSource.query(
      `SELECT run_at > now() AS later FROM graphile_worker.jobs WHERE key = 'token-wipe:' || $1`,
      [channelId],
    );
    expect(jobs).toEqual([{ later: true }]);
  });
});
