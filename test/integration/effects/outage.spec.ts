import { join } from 'node:path';
import type { ChannelId } from '@app/domain';
import { announcedEffects } from '@app/domain';
import { revocationSweepTask } from '@app/effects';
import { clearEngineData, startEventStore, startPostgres } from '@app/embedded';
import { addJob, installWorkerSchema } from '@app/jobs';
import { migrate } from '@app/persistence';
import { aChannelId, useTestBed, waitFor } from '@app/testing';
import type { EffectsUnderTest } from './effects-under-test';
import { effectsUnderTest, outcomesOf, workOf } from './effects-under-test';
import { announcement, disconnectedChannel } from './given';
import { startEffects, stopEffects } from './running-effects';

const bed = useTestBed({ patient: true });
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
beforeAll(() => process.on('unhandledRejection', onUnhandled));
afterAll(() => process.off('unhandledRejection', onUnhandled));
afterEach(stopEffects);

async function announceAll(effects: EffectsUnderTest, channelId: string): Promise<void> {
  for (const effect of announcedEffects)
    await effects.inbox.receive(effect, announcement(channelId));
}

async function completion(effects: EffectsUnderTest, channelId: string) {
  return waitFor(async () => (await outcomesOf(effects, channelId)).length === 5, {
    what: 'the completion',
    withinMs: 60_000,
  });
}

it('PostgreSQL killed in the middle of many effects: waits, resumes, and does each once', async () => {
  const options = { dataDir: join(bed.folder, 'postgres'), fsync: false };
  let postgres = await startPostgres(options);
  bed.atEnd(async () => {
    await postgres.stop();
    await clearEngineData(options.dataDir);
  });
  await migrate(postgres.url);
  await installWorkerSchema(postgres.url);
  await bed.createTopics();
  const effects = await effectsUnderTest(bed, { databaseUrl: postgres.url });
  const channels: string[] = [];
  for (let n = 0; n < 30; n++) channels.push(await disconnectedChannel(effects));
  for (const channelId of channels) await announceAll(effects, channelId);

  startEffects(effects);
  await waitFor(async () => (await outcomesOf(effects, channels[0]!)).length > 0);
  postgres.kill();
  await postgres.exited;
  postgres = await startPostgres(options);

  for (const channelId of channels) await completion(effects, channelId);
  for (const channelId of channels) {
    expect(await workOf(effects, channelId, 'token-wipe')).toMatchObject({ counts: { tokens: 1 } });
  }
  expect(unhandled).toEqual([]);
});

/** A token that was kept for a revocation, and whose hour is over by now; a job asks for its end. */
async function copyOverItsHour({ dataSource }: EffectsUnderTest): Promise<ChannelId> {
  const channelId = aChannelId();
  await dataSource.transaction(async (manager) => {
    await manager.query('INSERT INTO effects.work (effect, channel_id) VALUES ($1, $2)', [
      'grant-revocation',
      channelId,
    ]);
    await manager.query(
      `INSERT INTO vault.revocation_copies (channel_id, version, key_id, wrapped_key, sealed_token, until)
       VALUES ($1, 1, 'copy-' || repeat('0', 32), '', '', now())`,
      [channelId],
    );
    await addJob(manager, { task: revocationSweepTask, payload: {}, key: revocationSweepTask });
  });
  return channelId;
}

it('the event store away: nothing is marked done, no token outlives its hour, and it goes on when the store is back', async () => {
  const dataDir = join(bed.folder, 'store-that-leaves');
  const strict = bed.strictness;
  let engine = await startEventStore({ dataDir, fsync: false, strict });
  bed.atEnd(() => engine.stop());
  const { port, url } = engine;
  await bed.createTopics();
  const effects = await effectsUnderTest(bed, {
    ...{ eventstoreUrl: url, workerConcurrency: 1 },
  });
  const channelId = await disconnectedChannel(effects);
  await engine.stop();
  await announceAll(effects, channelId);

  const attempts = async () => {
    const works = announcedEffects.map((effect) => workOf(effects, channelId, effect));
    return (await Promise.all(works)).reduce((sum, work) => sum + work!.attempts, 0);
  };
  const away = startEffects(effects);
  await waitFor(async () => (await attempts()) > 0);
  // Whoever works is waiting for the store now, and there is no other one.
  const over = await copyOverItsHour(effects);
  await waitFor(async () => (await workOf(effects, over, 'grant-revocation'))?.state === 'done');
  // Without waiting for the store, which is not back before they run again.
  await away.stop();
  expect(await workOf(effects, channelId, 'token-wipe')).toMatchObject({ state: 'pending' });

  const before = await attempts();
  startEffects(effects);
  await waitFor(async () => (await attempts()) > before);
  engine = await startEventStore({ dataDir, port, fsync: false, strict });
  await completion(effects, channelId);
  expect(unhandled).toEqual([]);
});
