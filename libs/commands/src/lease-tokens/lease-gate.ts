import type { OnApplicationBootstrap } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import type { Position } from '@app/event-store';
import { EventStore, hasReached } from '@app/event-store';
import { linesOf } from '@app/observability';
import { CheckpointStore } from '@app/persistence';
import { KnownHistory, Registrar } from '@app/registry';
import { LeasesClosed } from '../command-errors';

/**
 * Keeps leases closed after a start until the registrar has come to where the streams ended at that
 * start: a database that was restored from a backup doesn't know yet of channels that have ended
 * since, and may hold their tokens unwiped. An event store that was restored doesn't know of them either:
 * leases stay closed until what it lost is recorded again. Once open they stay open.
 */
@Injectable()
export class LeaseGate implements OnApplicationBootstrap {
  private readonly say = linesOf(LeaseGate.name);
  private isOpen = false;
  /** Where the streams ended; undefined: not asked yet, null: there was nothing. */
  private endAtStart: Position | null | undefined;

  constructor(
    private readonly events: EventStore,
    private readonly checkpoints: CheckpointStore,
    private readonly registrar: Registrar,
    private readonly history: KnownHistory,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    // An engine that is away is asked again by the first lease.
    await this.requireOpen().catch((error: unknown) => {
      this.say('leases are closed', { err: error });
    });
  }

  /**
   * @throws LeasesClosed, EventStoreUnavailable
   */
  async requireOpen(): Promise<void> {
    if (this.isOpen) return;
    if (this.endAtStart === undefined) this.endAtStart = await this.events.lastPosition();
    const checkpoint = await this.checkpoints.load(this.registrar.name);
    const isBehind =
      this.endAtStart !== null &&
      (!checkpoint || !hasReached(checkpoint.position, this.endAtStart));
    // A store that was restored has lost ends: it says of a channel that it lives, whose owner has ended it.
    if (isBehind || !(await this.history.isWhole())) throw new LeasesClosed();
    this.isOpen = true;
    this.say('leases are open', {});
  }
}
