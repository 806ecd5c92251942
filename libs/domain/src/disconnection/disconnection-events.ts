import type { Platform } from '../channel/platform';
import type { ChannelId, WorkspaceId } from '../ids';
import type { EffectName, EffectOutcome, ParkedEffect } from './effect';

/** An effect has ended; at most one for each effect in `disconnection-<channel id>`. */
export interface EffectFinished {
  readonly type: 'EffectFinished';
  readonly data: EffectOutcome;
}

/** An effect is parked: not an outcome, it may still be redriven; nothing completes meanwhile. */
export interface EffectParked {
  readonly type: 'EffectParked';
  readonly data: ParkedEffect;
}

/** The deadline has passed with effects still open; at most once. A late success still completes. */
export interface DisconnectionOverdue {
  readonly type: 'DisconnectionOverdue';
  readonly data: {
    readonly channelId: ChannelId;
    readonly workspaceId: WorkspaceId;
    readonly platform: Platform;
    readonly deadline: string;
    readonly overdueAt: string;
    readonly open: readonly EffectName[];
  };
}

/** Every planned effect has ended; appended together with the last outcome. */
export interface DisconnectionCompleted {
  readonly type: 'DisconnectionCompleted';
  readonly data: {
    readonly channelId: ChannelId;
    readonly completedAt: string;
  };
}

export type DisconnectionEvent =
  EffectFinished | EffectParked | DisconnectionOverdue | DisconnectionCompleted;

export const disconnectionEventTypes = [
  'EffectFinished',
  'EffectParked',
  'DisconnectionOverdue',
  'DisconnectionCompleted',
] as const satisfies readonly DisconnectionEvent['type'][];
