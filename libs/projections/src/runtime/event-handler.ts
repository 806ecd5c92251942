import type { EntityManager } from 'typeorm';
import type { RecordedEvent } from '@app/event-store';

/** Applies events to tables, one transaction for a batch of them and for their position. */
export interface EventHandler {
  /** Of its checkpoint: `runtime.checkpoints`. */
  readonly name: string;
  /** Must be total over the domain's events, and have no effect but rows of this manager. */
  apply(manager: EntityManager, recorded: RecordedEvent): Promise<void>;
}

/**
 * A handler that only derives rows from events, so that it may be replayed at any time. Neither
 * the relay nor a subscriber is one: no replay can send a message or cause an effect.
 */
export interface Projection extends EventHandler {
  readonly kind: 'projection';
}
