import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';

/** How far a subscriber of the event store has come: up to and including this event. */
export interface Checkpoint {
  /** The event store's position, by its shape: this room knows PostgreSQL only. */
  readonly position: { readonly commit: bigint; readonly prepare: bigint };
  readonly eventId: string;
}

/** Somebody else has written the checkpoint since it was loaded: two are at the same work. */
export class CheckpointMoved extends Error {
  constructor(name: string) {
    super(`The checkpoint ${name} has been moved by somebody else`);
    this.name = 'CheckpointMoved';
  }
}

/** `runtime.checkpoints`: a row for each subscriber, moved by compare-and-set only. */
@Injectable()
export class CheckpointStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Where to go on; null for the beginning. */
  async load(
    name: string,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<Checkpoint | null> {
    const rows: CheckpointRow[] = await manager.query(
      `SELECT commit_position, prepare_position, event_id
         FROM runtime.checkpoints WHERE name = $1`,
      [name],
    );
    return rows[0] ? checkpointOf(rows[0]) : null;
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
    const values = [
      name,
      next.position.commit.toString(),
      next.position.prepare.toString(),
      next.eventId,
    ];
    const moved = previous
      ? await this.move(manager, values, previous)
      : await this.create(manager, values);
    if (!moved) throw new CheckpointMoved(name);
  }

  private async create(manager: EntityManager, values: readonly string[]): Promise<boolean> {
    const rows: unknown[] = await manager.query(
      `INSERT INTO runtime.checkpoints (name, commit_position, prepare_position, event_id)
       VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING RETURNING name`,
      [...values],
    );
    return rows.length === 1;
  }

  private async move(
    manager: EntityManager,
    values: readonly string[],
    { position }: Checkpoint,
  ): Promise<boolean> {
    const [, count]: [unknown, number] = await manager.query(
      `UPDATE runtime.checkpoints
          SET commit_position = $2, prepare_position = $3, event_id = $4,
              updated_at = clock_timestamp()
        WHERE name = $1 AND commit_position = $5 AND prepare_position = $6`,
      [...values, position.commit.toString(), position.prepare.toString()],
    );
    return count === 1;
  }
}

/** numeric(20) arrives as a decimal string. */
interface CheckpointRow {
  readonly commit_position: string;
  readonly prepare_position: string;
  readonly event_id: string;
}

function checkpointOf(row: CheckpointRow): Checkpoint {
  return {
    position: { commit: BigInt(row.commit_position), prepare: BigInt(row.prepare_position) },
    eventId: row.event_id,
  };
}
