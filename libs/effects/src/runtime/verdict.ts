import type { ChannelDisconnected, ChannelId, EffectName } from '@app/domain';
import { assertNever } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';
import type { EndingKind } from '@app/registry';
import type { EffectTarget } from '../effect';

/** The end of a channel, as its stream tells it. */
export interface Ending {
  readonly kind: EndingKind;
  /** ISO 8601 UTC. */
  readonly endedAt: string;
}

/** Whether an effect may happen, by what the stream says and by nothing else. */
export type Verdict =
  | { readonly kind: 'CONFIRMED'; readonly target: EffectTarget; readonly ending: Ending }
  | { readonly kind: 'REFUSED'; readonly reason: string };

/**
 * No destruction on hearsay: what a message claims is done only when the channel's own stream ends
 * with its end, and only what that end has planned. Nothing follows either end in the stream.
 *
 * @param end the last event of `channel-<id>`, as the leader knows it
 */
export function judge(
  effect: EffectName,
  channelId: ChannelId,
  end: RecordedEvent | undefined,
): Verdict {
  const event = end?.event;
  switch (event?.type) {
    case undefined:
      return refused('there is no such channel');
    case 'ChannelConnected':
    case 'ChannelReauthorized':
    case 'ChannelTokenRefreshed':
    case 'ChannelTokenRefreshFailed':
    case 'ChannelAccessRevoked':
      return refused('the channel is connected');
    case 'ChannelDisconnected':
      return isPlanned(event, effect)
        ? {
            kind: 'CONFIRMED',
            target: targetOf(event),
            ending: { kind: 'disconnected', endedAt: event.data.requestedAt },
          }
        : refused('not planned when the channel was disconnected');
    case 'ConnectAbandoned':
      // Only tokens were ever stored for it.
      return effect === 'token-wipe'
        ? {
            kind: 'CONFIRMED',
            target: { channelId, workspaceId: null },
            ending: { kind: 'abandoned', endedAt: event.data.abandonedAt },
          }
        : refused('the connect was abandoned');
    case 'EffectFinished':
    case 'EffectParked':
    case 'DisconnectionOverdue':
    case 'DisconnectionCompleted':
      return refused('not the stream of a channel');
    default:
      return assertNever(event);
  }
}

function isPlanned({ data }: ChannelDisconnected, effect: EffectName): boolean {
  return data.plan.some((planned) => planned.effect === effect);
}

function targetOf(event: ChannelDisconnected): EffectTarget {
  const { channelId, workspaceId, platform } = event.data;
  const revokes = isPlanned(event, 'grant-revocation');
  return { channelId, workspaceId, ...(revokes ? { revokedOn: platform } : {}) };
}

function refused(reason: string): Verdict {
  return { kind: 'REFUSED', reason };
}
