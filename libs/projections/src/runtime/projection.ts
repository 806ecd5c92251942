import type { DomainEvent } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';
import type { TableShape } from './table-shape';

/** Which row an event is about. */
export interface Subject {
  /** The row's key. */
  readonly key: string;
  /** Whether the row begins with it, so that nobody needs to look for an earlier one. */
  readonly begins: boolean;
}

/**
 * Rows that follow from events alone, a row from the events of one key: so they may be folded anew at any
 * time, one by one as the events come or all of them from the beginning. A projection touches nothing
 * else; neither the relay nor a subscriber is one, so no replay can send a message or cause an effect.
 */
export interface Projection<Row extends object> {
  /** Of the view in `read_model`. */
  readonly name: string;
  /** Counts up when the same events make other rows than before: those must be built anew. */
  readonly version: number;
  readonly shape: TableShape;
  /** Null for an event that changes no row. Total over the domain's events: an unknown one throws. */
  subjectOf(event: DomainEvent): Subject | null;
  /**
   * The row after one more event of its key. An event that is in it already changes nothing.
   *
   * @throws Error when the row is missing that the event must have come after
   */
  evolve(row: Row | undefined, recorded: RecordedEvent): Row;
}
