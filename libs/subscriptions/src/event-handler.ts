import type { EntityManager } from 'typeorm';
import type { DomainEvent } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';

/** Applies events to tables, one transaction for a batch of them and for their position. */
export interface EventHandler {
  /** Of its checkpoint: `runtime.checkpoints`. */
  readonly name: string;
  /** Whether it does anything about an event, for the log and the event's trace; without it, it does about every one. */
  concerns?(event: DomainEvent): boolean;
  /**
   * Applies events in their order; none when only the checkpoint moves. Must be total over the
   * domain's events, and have no effect but rows of this manager.
   *
   * @throws NotFollowed when it isn't to be run any more
   */
  apply(manager: EntityManager, batch: readonly RecordedEvent[]): Promise<void>;
}

/** Somebody has decided that a handler isn't to be run now: it ends, and its process goes on. */
export class NotFollowed extends Error {
  constructor(name: string) {
    super(`${name} is not to be followed now`);
    this.name = 'NotFollowed';
  }
}
