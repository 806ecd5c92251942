import type { Type } from '@nestjs/common';
import { Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import type { Settings } from '@app/config';
import { ConfigModule } from '@app/config';
import type { ChannelId, DomainEvent, EffectName } from '@app/domain';
import {
  DisconnectionWatch,
  EffectsModule,
  EffectsRuntime,
  EffectWorker,
  GrantRevoker,
  Inbox,
  Recorder,
  Reconciler,
  Redrive,
  RevocationSweep,
  Survivors,
  Sweep,
} from '@app/effects';
import { disconnectionStream, EventStore } from '@app/event-store';
import { PersistenceModule } from '@app/persistence';
import type { TestBed } from '@app/testing';

/** The effects as a process has them; each part can be called on its own, none runs by itself. */
export interface EffectsUnderTest {
  readonly dataSource: DataSource;
  readonly store: EventStore;
  readonly inbox: Inbox;
  readonly worker: EffectWorker;
  readonly revoker: GrantRevoker;
  readonly revocations: RevocationSweep;
  readonly recorder: Recorder;
  readonly redrive: Redrive;
  readonly sweep: Sweep;
  readonly reconciler: Reconciler;
  readonly watch: DisconnectionWatch;
  readonly survivors: Survivors;
  readonly runtime: EffectsRuntime;
  /** Anything else that one of the modules has. */
  get<T>(type: Type<T>): T;
}

export async function effectsUnderTest(
  bed: TestBed,
  overrides: Partial<Settings> = {},
  modules: readonly Type[] = [],
): Promise<EffectsUnderTest> {
  const settings = Object.assign(await bed.settings('subscribers'), overrides);
  const container = await Test.createTestingModule({
    imports: [
      ConfigModule.forRoot(settings),
      PersistenceModule.forRoot({ worksInBatches: true }),
      EffectsModule,
      ...modules,
    ],
  }).compile();
  await container.init();
  bed.atEnd(() => container.close());
  // What is refused and waited for here is meant to be; it would hide what a test has to say.
  Logger.overrideLogger(false);
  return {
    dataSource: container.get(DataSource),
    store: container.get(EventStore),
    inbox: container.get(Inbox),
    worker: container.get(EffectWorker),
    revoker: container.get(GrantRevoker),
    revocations: container.get(RevocationSweep),
    recorder: container.get(Recorder),
    redrive: container.get(Redrive),
    sweep: container.get(Sweep),
    reconciler: container.get(Reconciler),
    watch: container.get(DisconnectionWatch),
    survivors: container.get(Survivors),
    runtime: container.get(EffectsRuntime),
    get: (type) => container.get(type, { strict: false }),
  };
}

/** For calls that nothing interrupts. */
export const patience = { retryCapMs: 50, signal: new AbortController().signal };

/** The events of a channel's disconnection, as they were appended. */
export async function outcomesOf(
  { store }: EffectsUnderTest,
  channelId: ChannelId,
): Promise<DomainEvent[]> {
  const recorded = await store.read(disconnectionStream(channelId));
  return recorded.map(({ event }) => event);
}

export interface WorkRow {
  readonly state: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly attempts: number;
}

/** What an effect's work row says; undefined when there is none. */
export async function workOf(
  { dataSource }: EffectsUnderTest,
  channelId: ChannelId,
  effect: EffectName,
): Promise<WorkRow | undefined> {
  const rows: WorkRow[] = await dataSource.query(
    'SELECT state, counts, attempts FROM effects.work WHERE channel_id = $1 AND effect = $2',
    [channelId, effect],
  );
  return rows[0];
}

/** The keys of the jobs about a channel that wait to be run, sorted. */
export async function waitingJobs(
  { dataSource }: EffectsUnderTest,
  channelId: ChannelId,
): Promise<string[]> {
  const rows: { key: string }[] = await dataSource.query(
    `SELECT key FROM graphile_worker.jobs
      WHERE key LIKE '%:' || $1 AND locked_at IS NULL AND attempts < max_attempts ORDER BY key`,
    [channelId],
  );
  return rows.map(({ key }) => key);
}

/** As if every job were lost, e.g. with a database that was restored from a backup. */
export async function loseJobs({ dataSource }: EffectsUnderTest): Promise<void> {
  await dataSource.query('DELETE FROM graphile_worker._private_jobs');
}

/** What the reconciler found of a channel, by effect. */
export async function findingsOf(
  { dataSource }: EffectsUnderTest,
  channelId: ChannelId,
): Promise<{ kind: string; effect: string | null }[]> {
  return dataSource.query(
    'SELECT kind, effect FROM effects.findings WHERE channel_id = $1 ORDER BY effect, kind',
    [channelId],
  );
}

/** What was kept aside for an effect on the channel of that key, and why. */
export async function skippedFor(
  { dataSource }: EffectsUnderTest,
  effect: EffectName,
  key: string | null,
): Promise<{ offset: string; reason: string }[]> {
  return dataSource.query(
    `SELECT message_offset AS offset, reason FROM effects.skipped
      WHERE effect = $1 AND message_key IS NOT DISTINCT FROM $2 ORDER BY message_offset`,
    [effect, key === null ? null : Buffer.from(key)],
  );
}
