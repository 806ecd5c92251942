import { Injectable } from '@nestjs/common';
import { EventStore } from '@app/event-store';
import { CheckpointStore } from '@app/persistence';

/**
 * The event store lacks an event that a subscriber has come to: it was restored from a backup, or it is
 * another one. That a stream is not there says nothing then.
 */
export class UnknownHistory extends Error {
  constructor() {
    super(
      'This event store does not have an event that a subscriber stands on: it was restored from a ' +
        'backup, or EVENTSTORE_URL names another one. Point EVENTSTORE_URL to the right one; if this is ' +
        'the right one, see "A restored event store" in docs/operating.md',
    );
    this.name = 'UnknownHistory';
  }
}

/** Whether the event store is the one whose events the database was told, with all of them. */
@Injectable()
export class KnownHistory {
  constructor(
    private readonly events: EventStore,
    private readonly checkpoints: CheckpointStore,
  ) {}

  /**
   * By what every subscriber has come to: one that lagged behind goes on in a store that was restored, and
   * the newest event is its then. What was lost before the last recovery was all recorded again.
   *
   * @throws EventStoreUnavailable
   */
  async isWhole(): Promise<boolean> {
    const applied = await this.checkpoints.appliedEvents();
    const known = await Promise.all(
      applied.map(({ position, id }) => this.events.knows(position, id)),
    );
    return !known.includes(false);
  }

  /**
   * For whoever is about to destroy or to forget something because a stream is not there.
   *
   * @throws UnknownHistory, EventStoreUnavailable
   */
  async requireWhole(): Promise<void> {
    if (!(await this.isWhole())) throw new UnknownHistory();
  }
}
