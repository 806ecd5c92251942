import type { DataSource, QueryRunner } from 'typeorm';
import { failpoint } from '@app/config';
import type { EventStore, Position } from '@app/event-store';
import { linesOf } from '@app/observability';
import type { Checkpoint } from '@app/persistence';
import { CheckpointStore } from '@app/persistence';
import { advanced, resumeFrom } from '@app/subscriptions';
import { dropGeneration } from './drop';
import type { GenerationId } from './generations';
import { generationName, generationTable, listGenerations } from './generations';
import { alone } from './locks';
import type { Projection } from './projection';
import { readHistory } from './read-history';
import type { FoldingLimits } from './row-folder';
import { defaultLimits, RowFolder } from './row-folder';
import type { RowTable } from './row-table';
import { swap } from './swap';
import { createIndexes, createTable } from './table-shape';

const say = linesOf('projections');

/** How far a rebuild has come. */
export interface RebuildProgress {
  /** Events of ours that were read. */
  readonly events: number;
  /** Of the way through the event store: 0 to 1. */
  readonly share: number;
}

export interface ReplayOptions {
  readonly projection: Projection<object>;
  readonly dataSource: DataSource;
  readonly events: EventStore;
  /** Whether readers shall see it when it is complete. */
  readonly swap: boolean;
  /**
   * For an event store that was restored: it doesn't have the event that the live generation stands on,
   * so there is nothing to compare, and every other generation is dropped once this one is shown.
   */
  readonly anotherHistory?: boolean;
  /** Milliseconds that it may take to come to where the live one is, once it is built. */
  readonly swapWithinMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RebuildProgress) => void;
  /** Of memory; what fits most machines, unless given. */
  readonly limits?: FoldingLimits;
}

/** What a replay has built. */
export interface ReplayReport {
  readonly generation: number;
  readonly events: number;
  readonly rows: number;
  /** Whether readers see it. */
  readonly live: boolean;
}

/**
 * Builds a new generation of a projection from the first event on, beside the one that readers see,
 * and leads them to it. Nothing but its table, its checkpoint and the view is written: no message is
 * sent and no effect is caused. Ended at any point, by the signal or by a kill, it leaves the live
 * one as it was; what a killed one leaves behind, the next one drops.
 *
 * @throws ProjectionBusy while somebody else does this; NotInTime: it is complete then, and stands by
 * @throws UnknownCheckpoint: the event store has another history than the rows that readers see
 * @throws UnknownEventType, EventStoreUnavailable; the signal's reason
 */
export async function replay(options: ReplayOptions): Promise<ReplayReport> {
  const { dataSource, projection } = options;
  return alone(dataSource, projection.name, async (runner) => {
    if (!options.anotherHistory)
      await assertSameHistory(dataSource, options.events, projection.name);
    await dropLeftovers(dataSource, projection.name);
    const generation = await begin(dataSource, projection);
    const of = { projection: projection.name, generation };
    try {
      const built = await build(options, runner, of);
      if (options.swap) await show(options, generation);
      return { ...built, generation, live: options.swap };
    } catch (error) {
      await dropUnfinished(dataSource, of);
      throw error;
    }
  });
}

/** Nobody else is at work: whatever is being built was left by a process that is gone. */
async function dropLeftovers(dataSource: DataSource, projection: string): Promise<void> {
  const generations = await listGenerations(dataSource, projection);
  for (const generation of generations.filter(({ state }) => state === 'building')) {
    await dropGeneration(dataSource, generation);
  }
}

async function dropUnfinished(dataSource: DataSource, of: GenerationId): Promise<void> {
  const generations = await listGenerations(dataSource, of.projection);
  const unfinished = generations.find(({ generation }) => generation === of.generation);
  if (unfinished?.state === 'building') await dropGeneration(dataSource, of);
}

async function begin(dataSource: DataSource, projection: Projection<object>): Promise<number> {
  const rows: { generation: number }[] = await dataSource.query(
    `INSERT INTO runtime.generations (projection, generation, version, state)
     SELECT $1, max(generation) + 1, $2, 'building' FROM runtime.generations WHERE projection = $1
     RETURNING generation`,
    [projection.name, projection.version],
  );
  return rows[0]!.generation;
}

/** Fills the table, then indexes it, then has it stand by, with its checkpoint. */
async function build(
  options: ReplayOptions,
  runner: QueryRunner,
  of: GenerationId,
): Promise<{ events: number; rows: number }> {
  const { projection, dataSource } = options;
  const table = generationTable(projection, of.generation);
  await runner.query(createTable(table.name, projection.shape));
  failpoint('replay:begun');
  const { events, checkpoint } = await fillTable({ ...options, table, runner, until: null });
  failpoint('replay:filled');
  const indexing = [...createIndexes(table.name, projection.shape), `ANALYZE ${table.name}`];
  for (const sql of indexing) {
    options.signal.throwIfAborted();
    await runner.query(sql);
  }
  options.signal.throwIfAborted();
  await dataSource.transaction(async (manager) => {
    if (checkpoint) {
      const checkpoints = new CheckpointStore(dataSource);
      await checkpoints.save(manager, generationName(of), null, checkpoint);
    }
    await manager.query(
      `UPDATE runtime.generations SET state = 'standby', built_at = clock_timestamp()
        WHERE projection = $1 AND generation = $2`,
      [of.projection, of.generation],
    );
  });
  failpoint('replay:built');
  const [count] = await runner.manager.query<{ rows: string }[]>(
    `SELECT count(*) AS rows FROM ${table.name}`,
  );
  return { events, rows: Number(count!.rows) };
}

export interface Filling {
  readonly projection: Projection<object>;
  /** Empty, with its primary key. */
  readonly table: RowTable<object>;
  /** The connection that it is filled on. */
  readonly runner: QueryRunner;
  readonly events: EventStore;
  /** The last place whose event counts; null for all there are. */
  readonly until: Position | null;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RebuildProgress) => void;
  readonly limits?: FoldingLimits;
}

/** Fills a table with what follows from the events; the checkpoint is null when there are none. */
export async function fillTable({
  projection,
  table,
  runner,
  events,
  until,
  signal,
  onProgress,
  limits = defaultLimits,
}: Filling): Promise<{ events: number; checkpoint: Checkpoint | null }> {
  const end = until ?? (await events.lastPosition());
  const folder = new RowFolder(projection, table, runner, limits);
  const subscriber = projection.name;
  const onDrop = (err: unknown): void => say('replay goes on', { subscriber, err });
  let [count, checkpoint]: [number, Checkpoint | null] = [0, null];
  for await (const batch of readHistory({
    ...{ events, until, signal, onDrop },
    maxBatch: limits.maxBatch,
  })) {
    await folder.fold(batch);
    checkpoint = advanced(checkpoint, batch);
    count += batch.events.length;
    onProgress({ events: count, share: end ? shareOf(batch.upTo, end) : 1 });
  }
  await folder.finish();
  return { events: count, checkpoint };
}

/** Positions grow with what is stored, so their ratio is near enough for a progress bar. */
function shareOf(place: Position, end: Position): number {
  return end.commit === 0n ? 1 : Math.min(1, Number(place.commit) / Number(end.commit));
}

async function show(options: ReplayOptions, to: number): Promise<void> {
  const { dataSource, projection, swapWithinMs: withinMs, signal, anotherHistory } = options;
  await swap({ dataSource, projection, to, withinMs, signal, evenIfBehind: anotherHistory });
  if (!anotherHistory) return;
  // Nobody may go back to them, and nothing can follow them any more.
  const generations = await listGenerations(dataSource, projection.name);
  for (const generation of generations) {
    if (generation.state !== 'live') await dropGeneration(dataSource, generation);
  }
}

/**
 * The live generation was made of events that this event store has.
 *
 * @throws UnknownCheckpoint
 */
export async function assertSameHistory(
  dataSource: DataSource,
  events: EventStore,
  projection: string,
): Promise<void> {
  const generations = await listGenerations(dataSource, projection);
  const live = generations.find(({ state }) => state === 'live');
  if (!live) return;
  const checkpoints = new CheckpointStore(dataSource);
  await resumeFrom({ name: generationName(live), events, checkpoints });
}
