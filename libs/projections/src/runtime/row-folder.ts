import type { QueryRunner } from 'typeorm';
import type { EventBatch, RecordedEvent } from '@app/event-store';
import type { Projection } from './projection';
import type { RowTable } from './row-table';

export interface FoldingLimits {
  /** Events that are folded before anything is written out. */
  readonly maxBatch: number;
  /** Rows that are kept in memory; beyond, those that were touched the longest ago are written out. */
  readonly maxRows: number;
  /** Rows that are written out at once. */
  readonly spill: number;
}

/** About 60 MB of channels' rows. */
export const defaultLimits: FoldingLimits = { maxBatch: 2_000, maxRows: 40_000, spill: 5_000 };

/**
 * Folds events into rows and fills an empty table with them. Rows stay in memory while events come for
 * them: a row that was changed ten times is written once. What was written out and is touched again is
 * read back. Writing goes on beside reading and folding, one write at a time.
 */
export class RowFolder<Row extends object> {
  /** The row that was touched the longest ago comes first. */
  private readonly rows = new Map<string, Row>();
  /** Those of them that the table has, in an earlier shape. */
  private readonly stored = new Set<string>();
  private writing: Promise<void> = Promise.resolve();
  private wrote = false;

  constructor(
    private readonly projection: Projection<Row>,
    private readonly table: RowTable<Row>,
    private readonly runner: QueryRunner,
    private readonly limits: FoldingLimits,
  ) {}

  /** Folds a batch; its events come after all that were folded before. */
  async fold({ events }: EventBatch): Promise<void> {
    if (this.wrote) await this.readBack(events);
    for (const recorded of events) {
      const subject = this.projection.subjectOf(recorded.event);
      if (!subject) continue;
      const row = this.projection.evolve(this.rows.get(subject.key), recorded);
      this.rows.delete(subject.key);
      this.rows.set(subject.key, row);
    }
    while (this.rows.size > this.limits.maxRows) await this.writeOldest();
  }

  /** Writes all that is left. */
  async finish(): Promise<void> {
    while (this.rows.size > 0) await this.writeOldest();
    await this.writing;
  }

  /** What the table may have and memory hasn't. */
  private async readBack(events: readonly RecordedEvent[]): Promise<void> {
    const missing = new Set<string>();
    const begun = new Set<string>();
    for (const { event } of events) {
      const subject = this.projection.subjectOf(event);
      if (!subject || this.rows.has(subject.key) || begun.has(subject.key)) continue;
      (subject.begins ? begun : missing).add(subject.key);
    }
    if (missing.size === 0) return;
    await this.writing;
    for (const [key, row] of await this.table.load(this.runner.manager, [...missing])) {
      this.rows.set(key, row);
      this.stored.add(key);
    }
  }

  /** Begins a write, once the one before it has ended. */
  private async writeOldest(): Promise<void> {
    const [fresh, again]: [Row[], Row[]] = [[], []];
    for (const [key, row] of this.rows) {
      (this.stored.delete(key) ? again : fresh).push(row);
      this.rows.delete(key);
      if (fresh.length + again.length === this.limits.spill) break;
    }
    await this.writing;
    this.wrote = true;
    this.writing = this.write(fresh, again);
    // Whoever awaits it next hears of a failure; until then it isn't an unhandled one.
    this.writing.catch(() => undefined);
  }

  private async write(fresh: readonly Row[], again: readonly Row[]): Promise<void> {
    await this.table.copy(this.runner, fresh);
    await this.table.upsert(this.runner.manager, again);
  }
}
