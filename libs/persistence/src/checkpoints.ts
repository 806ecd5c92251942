import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import { queryWithin } from './query-within';

/** A place in the event store's `$all`, by its shape: this room knows PostgreSQL only. */
export interface Place {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** An event that was applied, as far as a checkpoint remembers it. */
export interface AppliedEvent {
  readonly id: string;
  readonly position: Place;
  readonly recordedAt: Date;
}

/** How far a subscriber of the event store has come. */
export interface Checkpoint {
  /** Everything up to here was dealt with, this place included. */
  readonly position: Place;
  /**
   * The last event that was applied, and where it stands: what the store must know to be the one
   * that this was read from. Null before the first. Between it and `position` nothing of ours came.
   */
  readonly event: AppliedEvent | null;
}

/** Somebody else has written the checkpoint since it was loaded: two are at the same work. */
export class CheckpointMoved extends Error {
  constructor(name: string) {
    super(`The checkpoint ${name} has been moved by somebody else`);
    this.name = 'CheckpointMoved';
  }
}

/** Milliseconds: it is one row. */
const loadWithinMs = 5_000;
/**
 * Of the last time that events were recorded again for an event store that was restored: nobody follows
 * from there. What stands where it stood before that was dealt with.
 */
export const recoveryName = 'recovery';
const appliedSql = `
  SELECT commit_position, prepare_position, event_id, event_commit, event_prepare, event_recorded_at
    FROM runtime.checkpoints
   WHERE event_id IS NOT NULL
     AND updated_at >= coalesce(
           (SELECT updated_at FROM runtime.checkpoints WHERE name = $1), '-infinity')`;
const loadSql = `
  SELECT commit_position, prepare_position, event_id, event_commit, event_prepare, event_recorded_at
    FROM runtime.checkpoints WHERE name = $1`;

/** `runtime.checkpoints`: a row for each subscriber, moved by compare-and-set only. */
@Injectable()
export class CheckpointStore {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Where to go on; null for the beginning.
   *
   * @param manager of a transaction; without one, nobody waits for longer than some seconds
   */
  async load(name: string, manager?: EntityManager): Promise<Checkpoint | null> {
    const rows: CheckpointRow[] = manager
      ? await manager.query(loadSql, [name])
      : await queryWithin(this.dataSource, loadWithinMs, loadSql, [name]);
    return rows[0] ? checkpointOf(rows[0]) : null;
  }

  /** The last event of everybody here, without those who have not moved since the last recovery. */
  async appliedEvents(): Promise<AppliedEvent[]> {
    const rows: CheckpointRow[] = await queryWithin(this.dataSource, loadWithinMs, appliedSql, [
      recoveryName,
    ]);
    return rows.map(eventOf).filter((event) => event !== null);
  }

  /**
   * Moves the checkpoint within the caller's transaction.
   *
   * @param previous what it must be now; null when there must be none
   * @throws CheckpointMoved when it is something else
   */
  async save(
    manager: EntityManager,
    name: string,
    previous: Checkpoint | null,
    next: Checkpoint,
  ): Promise<void> {
    const values = [name, ...numbersOf(next.position), ...valuesOf(next.event)];
    const moved = previous
      ? await this.move(manager, values, previous)
      : await this.create(manager, values);
    if (!moved) throw new CheckpointMoved(name);
  }

  /**
   * Has its subscriber begin with the first event again, within the caller's transaction.
   *
   * @param previous what it must be now
   * @throws CheckpointMoved when it is something else
   */
  async forget(manager: EntityManager, name: string, { position }: Checkpoint): Promise<void> {
    const [, count]: [unknown, number] = await manager.query(
      `DELETE FROM runtime.checkpoints
        WHERE name = $1 AND commit_position = $2 AND prepare_position = $3`,
      [name, ...numbersOf(position)],
    );
    if (count !== 1) throw new CheckpointMoved(name);
  }

  private async create(manager: EntityManager, values: readonly unknown[]): Promise<boolean> {
    const rows: unknown[] = await manager.query(
      `INSERT INTO runtime.checkpoints
         (name, commit_position, prepare_position, event_id, event_commit, event_prepare,
          event_recorded_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING RETURNING name`,
      [...values],
    );
    return rows.length === 1;
  }

  private async move(
    manager: EntityManager,
    values: readonly unknown[],
    { position }: Checkpoint,
  ): Promise<boolean> {
    const [, count]: [unknown, number] = await manager.query(
      `UPDATE runtime.checkpoints
          SET commit_position = $2, prepare_position = $3, event_id = $4, event_commit = $5,
              event_prepare = $6, event_recorded_at = $7, updated_at = clock_timestamp()
        WHERE name = $1 AND commit_position = $8 AND prepare_position = $9`,
      [...values, ...numbersOf(position)],
    );
    return count === 1;
  }
}

/** numeric(20) arrives as a decimal string. */
interface CheckpointRow {
  readonly commit_position: string;
  readonly prepare_position: string;
  readonly event_id: string | null;
  readonly event_commit: string | null;
  readonly event_prepare: string | null;
  readonly event_recorded_at: Date | null;
}

function checkpointOf(row: CheckpointRow): Checkpoint {
  return { position: placeOf(row.commit_position, row.prepare_position), event: eventOf(row) };
}

function eventOf(row: CheckpointRow): AppliedEvent | null {
  const { event_id: id, event_commit: commit, event_prepare: prepare } = row;
  if (id === null || commit === null || prepare === null || row.event_recorded_at === null)
    return null;
  return { id, position: placeOf(commit, prepare), recordedAt: row.event_recorded_at };
}

function valuesOf(event: AppliedEvent | null): (string | Date | null)[] {
  return event
    ? [event.id, ...numbersOf(event.position), event.recordedAt]
    : [null, null, null, null];
}

function placeOf(commit: string, prepare: string): Place {
  return { commit: BigInt(commit), prepare: BigInt(prepare) };
}

function numbersOf({ commit, prepare }: Place): [string, string] {
  return [commit.toString(), prepare.toString()];
}
