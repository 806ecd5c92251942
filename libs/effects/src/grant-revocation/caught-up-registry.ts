import { Injectable } from '@nestjs/common';
import { backOff } from '@app/config';
import { EventStore, hasReached } from '@app/event-store';
import { CheckpointStore } from '@app/persistence';
import { Registrar } from '@app/registry';

/** The registrar is this close behind, unless something is wrong. */
const retryCapMs = 200;

/**
 * Whether the registry knows every channel that the streams tell of: a database that was restored
 * from a backup lacks those that were connected since, and a grant that one of them is on would be
 * withdrawn on hearsay.
 */
@Injectable()
export class CaughtUpRegistry {
  constructor(
    private readonly events: EventStore,
    private readonly checkpoints: CheckpointStore,
    private readonly registrar: Registrar,
  ) {}

  /**
   * Waits for the registrar to come to where the streams end now.
   *
   * @returns false when it doesn't in time
   * @throws EventStoreUnavailable; the signal's reason once it is given
   */
  async isThere(withinMs: number, signal: AbortSignal): Promise<boolean> {
    const end = await this.events.lastPosition();
    const until = performance.now() + withinMs;
    for (let failures = 0; ; failures++) {
      const checkpoint = await this.checkpoints.load(this.registrar.name);
      if (end === null || (checkpoint && hasReached(checkpoint.position, end))) return true;
      if (performance.now() >= until) return false;
      await backOff(failures, { retryCapMs, signal });
      signal.throwIfAborted();
    }
  }
}
