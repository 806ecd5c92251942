import type { ChannelId } from '../ids';
import type { EffectOutcome } from './effect';

/** An effect has ended; at most one for each effect in `disconnection-<channel id>`. */
export interface EffectFinished {
  readonly type: 'EffectFinished';
  readonly data: EffectOutcome;
}

/** Every planned effect has ended; appended together with the last outcome. */
export interface DisconnectionCompleted {
  readonly type: 'DisconnectionCompleted';
  readonly data: {
    readonly channelId: ChannelId;
    readonly completedAt: string;
  };
}

export type DisconnectionEvent = EffectFinished | DisconnectionCompleted;

export const disconnectionEventTypes = [
  'EffectFinished',
  'DisconnectionCompleted',
] as const satisfies readonly DisconnectionEvent['type'][];
