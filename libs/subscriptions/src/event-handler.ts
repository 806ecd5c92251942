import type { EntityManager } from 'typeorm';
import type { RecordedEvent } from '@app/event-store';

/** Applies events to tables, one transaction for a batch of them and for their position. */
export interface EventHandler {
  /** Of its checkpoint: `runtime.checkpoints`. */
  readonly name: string;
  /** Must be total over the domain's events, and have no effect but rows of this manager. */
  apply(manager: EntityManager, recorded: RecordedEvent): Promise<void>;
}
