import type { EntityManager } from 'typeorm';
import type {
  ChannelId,
  EffectCounts,
  EffectName,
  Platform,
  WipeEvidence,
  WorkspaceId,
} from '@app/domain';

/** A channel that has ended, as its own stream says: what a message claims of it never gets here. */
export interface EffectTarget {
  readonly channelId: ChannelId;
  /** null after an abandoned connect, whose event doesn't name it. */
  readonly workspaceId: WorkspaceId | null;
  /** The platform where its grant is to be withdrawn; only where the disconnect has planned that. */
  readonly revokedOn?: Platform;
}

/** What one bounded batch of an effect has done. */
export interface EffectStep {
  /** What was done in it, counted where it was done; added to what the batches before have done. */
  readonly counts: EffectCounts;
  /** Whether there may be something left to do: another step follows, in a transaction of its own. */
  readonly more: boolean;
  /** Where the next batch goes on, after a full one; without it, from the start. */
  readonly next?: string;
  /** Of the token wipe alone. */
  readonly evidence?: WipeEvidence;
}

/** One thing that a disconnect brings about outside of the event store. */
export interface Effect {
  readonly name: EffectName;
  /**
   * Brings about a bounded part of it in the caller's transaction; the channel was ended in the
   * registry before, and the running count is written in the same transaction. Must be idempotent,
   * and touch nothing but what hangs on this channel's id: the account may be back under a new one.
   *
   * @param after what the batch before named as `next`; none for the first one of a try
   */
  step(manager: EntityManager, target: EffectTarget, after?: string): Promise<EffectStep>;
}
