import type { DataSource } from 'typeorm';
import type { Settings } from '@app/config';
import type { EventStore } from '@app/event-store';
import { CheckpointStore } from '@app/persistence';
import type { Generation } from '@app/projections';
import { generationName, listGenerations, pausedSince, projections } from '@app/projections';
import type { Lag } from '@app/subscriptions';
import { lagOf } from '@app/subscriptions';
import { withDatabase } from '../with-database';
import { withStores } from '../with-stores';
import { projectionNamed } from './projection-named';

/** A generation as operators see it. Times are ISO 8601 UTC. */
export interface ListedGeneration {
  readonly projection: string;
  readonly generation: number;
  /** Of the projection that makes its rows. */
  readonly version: number;
  readonly state: Generation['state'];
  readonly builtAt: string | null;
  readonly liveSince: string | null;
  readonly liveUntil: string | null;
  /** Of its projection: since when nothing follows it. */
  readonly pausedSince: string | null;
}

/** Every generation there is, by projection, the oldest first. */
export function listProjections(settings: Settings): Promise<ListedGeneration[]> {
  return withDatabase(settings, [], async (dataSource) => {
    const listed: ListedGeneration[] = [];
    for (const { name } of projections) listed.push(...(await listOne(dataSource, name)));
    return listed;
  });
}

async function listOne(dataSource: DataSource, name: string): Promise<ListedGeneration[]> {
  const paused = (await pausedSince(dataSource, name))?.toISOString() ?? null;
  return (await listGenerations(dataSource, name)).map((one) => ({
    projection: one.projection,
    generation: one.generation,
    version: one.version,
    state: one.state,
    builtAt: one.builtAt?.toISOString() ?? null,
    liveSince: one.liveSince?.toISOString() ?? null,
    liveUntil: one.liveUntil?.toISOString() ?? null,
    pausedSince: paused,
  }));
}

/** How a generation keeps up. */
export interface GenerationStatus extends ListedGeneration {
  /** The place in `$all` that it has come to; null before the first event. */
  readonly position: string | null;
  /** When it came there, on database time. */
  readonly movedAt: string | null;
  /** Null while it is being built, and where the event store has another history. */
  readonly lag: Lag | null;
  /** The process that follows it now; null when none does. */
  readonly leader: string | null;
}

/**
 * How far each generation is behind the event store, and who follows it.
 *
 * @param name of one projection; without it, all
 * @throws WrongUsage
 */
export function projectionStatus(settings: Settings, name?: string): Promise<GenerationStatus[]> {
  const names =
    name === undefined ? projections.map((one) => one.name) : [projectionNamed(name).name];
  return withStores(settings, [], async ({ dataSource, events }) => {
    const all: GenerationStatus[] = [];
    for (const one of names) {
      for (const generation of await listOne(dataSource, one)) {
        all.push(await statusOf(dataSource, events, generation));
      }
    }
    return all;
  });
}

async function statusOf(
  dataSource: DataSource,
  events: EventStore,
  generation: ListedGeneration,
): Promise<GenerationStatus> {
  const name = generationName(generation);
  const checkpoint = await new CheckpointStore(dataSource).load(name);
  const [runtime]: { movedAt: Date | null; leader: string | null }[] = await dataSource.query(
    `SELECT (SELECT updated_at FROM runtime.checkpoints WHERE name = $1) AS "movedAt",
            (SELECT holder FROM runtime.leadership
              WHERE name = 'projector:' || $1 AND expires_at > clock_timestamp()) AS leader`,
    [name],
  );
  const last = checkpoint?.event;
  const isComparable =
    generation.state !== 'building' && (!last || (await events.knows(last.position, last.id)));
  return {
    ...generation,
    position: checkpoint && String(checkpoint.position.commit),
    movedAt: runtime!.movedAt?.toISOString() ?? null,
    lag: isComparable ? await lagOf(events, checkpoint) : null,
    leader: runtime!.leader,
  };
}
