import type { EntityManager } from 'typeorm';
import type { DomainEvent } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';
import type { EventHandler } from '@app/subscriptions';
import { NotFollowed } from '@app/subscriptions';
import type { GenerationId } from './generations';
import { generationName, generationTable, holdFollowed } from './generations';
import type { Projection } from './projection';
import type { RowTable, SqlRunner } from './row-table';

/** Keeps one generation's rows as the events come. */
export class GenerationHandler<Row extends object> implements EventHandler {
  readonly name: string;
  private readonly table: RowTable<Row>;

  constructor(
    private readonly projection: Projection<Row>,
    private readonly generation: GenerationId,
  ) {
    this.name = generationName(generation);
    this.table = generationTable(projection, generation.generation);
  }

  concerns(event: DomainEvent): boolean {
    return this.projection.subjectOf(event) !== null;
  }

  /** @throws NotFollowed once it is paused or dropped */
  async apply(manager: EntityManager, batch: readonly RecordedEvent[]): Promise<void> {
    if (!(await holdFollowed(manager, this.generation))) throw new NotFollowed(this.name);
    await foldInto(manager, this.table, this.projection, batch);
  }
}

/** Loads the rows that a batch is about, folds it into them, and writes them back: three round trips. */
export async function foldInto<Row extends object>(
  sql: SqlRunner,
  table: RowTable<Row>,
  projection: Projection<Row>,
  batch: readonly RecordedEvent[],
): Promise<void> {
  const concerned = batch.flatMap((recorded) => {
    const subject = projection.subjectOf(recorded.event);
    return subject ? [{ recorded, key: subject.key }] : [];
  });
  if (concerned.length === 0) return;
  const keys = new Set(concerned.map(({ key }) => key));
  const rows = await table.load(sql, [...keys]);
  for (const { recorded, key } of concerned) {
    rows.set(key, projection.evolve(rows.get(key), recorded));
  }
  await table.upsert(sql, [...rows.values()]);
}
