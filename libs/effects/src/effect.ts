import type { EntityManager } from 'typeorm';
import type { ChannelId, EffectCounts, EffectName, WorkspaceId } from '@app/domain';

/** A channel that has ended, as its own stream says: what a message claims of it never gets here. */
export interface EffectTarget {
  readonly channelId: ChannelId;
  /** null after an abandoned connect, whose event doesn't name it. */
  readonly workspaceId: WorkspaceId | null;
}

/** One thing that a disconnect brings about outside of the event store. */
export interface Effect {
  readonly name: EffectName;
  /**
   * Brings it about in the caller's transaction, which ended the channel in the registry before
   * and writes the outcome after. Must be idempotent, and touch nothing but what hangs on this
   * channel's id: the account may be back under a new one.
   *
   * @returns what was done, counted where it was done
   */
  apply(manager: EntityManager, target: EffectTarget): Promise<EffectCounts>;
}
