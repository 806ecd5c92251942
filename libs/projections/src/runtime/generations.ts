import type { DataSource, EntityManager } from 'typeorm';
import { queryWithin } from '@app/persistence';
import type { Projection } from './projection';
import { RowTable } from './row-table';

/**
 * `building`: being filled by a replay. `standby`: complete and followed, beside the live one.
 * `live`: what readers see. `dropped`: gone; only its number is kept.
 */
export type GenerationState = 'building' | 'standby' | 'live' | 'dropped';

/** One table of a projection's rows, and how it came about. */
export interface Generation {
  readonly projection: string;
  /** Counts up; never used again. */
  readonly generation: number;
  /** Of the projection that makes its rows. */
  readonly version: number;
  readonly state: GenerationState;
  readonly beganAt: Date;
  readonly builtAt: Date | null;
  readonly liveSince: Date | null;
  /** When readers were led away from it; null when they never saw it, or see it now. */
  readonly liveUntil: Date | null;
}

/** Of its checkpoint, its term and its log lines. */
export function generationName({ projection, generation }: GenerationId): string {
  return `${projection}@${generation}`;
}

export type GenerationId = Pick<Generation, 'projection' | 'generation'>;

export function tableName({ projection, generation }: GenerationId): string {
  return `read_model.${projection}_g${generation}`;
}

export function generationTable<Row extends object>(
  projection: Projection<Row>,
  generation: number,
): RowTable<Row> {
  return new RowTable(tableName({ projection: projection.name, generation }), projection.shape);
}

const columns = `projection, generation, version, state, began_at AS "beganAt", built_at AS "builtAt",
  live_since AS "liveSince", live_until AS "liveUntil"`;

/** All that aren't dropped, the oldest first. */
export async function listGenerations(
  sql: Pick<EntityManager | DataSource, 'query'>,
  projection: string,
): Promise<Generation[]> {
  return sql.query(
    `SELECT ${columns} FROM runtime.generations
      WHERE projection = $1 AND state <> 'dropped' ORDER BY generation`,
    [projection],
  );
}

/** Milliseconds that a look may take: a connection that fell silent answers nothing, for hours. */
const lookWithinMs = 3_000;

/**
 * What the projector keeps up with the event store: all that are complete, unless the projection is
 * paused.
 */
export async function followedGenerations(
  dataSource: DataSource,
  projection: string,
): Promise<Generation[]> {
  return queryWithin(
    dataSource,
    lookWithinMs,
    `SELECT ${columns} FROM runtime.generations
       JOIN runtime.projections ON name = projection AND paused_at IS NULL
      WHERE projection = $1 AND state IN ('standby', 'live') ORDER BY generation`,
    [projection],
  );
}

/**
 * Whether a generation is to be followed now; until the transaction has ended nobody pauses, drops or
 * swaps it.
 */
export async function holdFollowed(
  manager: EntityManager,
  { projection, generation }: GenerationId,
): Promise<boolean> {
  const held: unknown[] = await manager.query(
    `SELECT 1 FROM runtime.generations
      WHERE projection = $1 AND generation = $2 AND state IN ('standby', 'live') FOR SHARE`,
    [projection, generation],
  );
  // Only now: who pauses waits for the lock afterwards, so either of both sees the other.
  const followed: unknown[] = await manager.query(
    'SELECT 1 FROM runtime.projections WHERE name = $1 AND paused_at IS NULL',
    [projection],
  );
  return held.length > 0 && followed.length > 0;
}
