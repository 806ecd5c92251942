import { DomainError } from '../domain-error';
import { assertNever } from '../domain-event';
import type { PlannedEffect } from '../disconnection/effect';
import type { ChannelId } from '../ids';
import type {
  ChannelConnected,
  ChannelDisconnected,
  ChannelEvent,
  ConnectAbandoned,
  DisconnectReason,
} from './channel-events';
import type { ChannelRow } from './channel-row';
import { evolveRow, rowOf } from './channel-row';

/** A channel as its stream tells it. Both ends are final. */
export type Channel =
  | { readonly kind: 'UNBORN' }
  | { readonly kind: 'LIVE'; readonly row: ChannelRow }
  | {
      readonly kind: 'DISCONNECTED';
      readonly row: ChannelRow;
      readonly end: ChannelDisconnected['data'];
    }
  | { readonly kind: 'ABANDONED' };

export const unbornChannel: Channel = { kind: 'UNBORN' };

/** The channel after one more event. */
export function evolveChannel(channel: Channel, event: ChannelEvent): Channel {
  switch (event.type) {
    case 'ChannelConnected':
      if (channel.kind !== 'UNBORN') throw impossible(channel, event);
      return { kind: 'LIVE', row: rowOf(event.data) };
    case 'ChannelReauthorized':
    case 'ChannelTokenRefreshed':
    case 'ChannelTokenRefreshFailed':
    case 'ChannelAccessRevoked':
      if (channel.kind !== 'LIVE') throw impossible(channel, event);
      return { kind: 'LIVE', row: evolveRow(channel.row, event) };
    case 'ChannelDisconnected':
      if (channel.kind !== 'LIVE') throw impossible(channel, event);
      return {
        kind: 'DISCONNECTED',
        row: { ...channel.row, status: 'DISCONNECTED' },
        end: event.data,
      };
    case 'ConnectAbandoned':
      if (channel.kind !== 'UNBORN') throw impossible(channel, event);
      return { kind: 'ABANDONED' };
    default:
      return assertNever(event);
  }
}

/**
 * Connects: the same id again decides nothing, so a repeated connect is safe, also one that comes
 * after the channel has ended.
 *
 * @throws DomainError CONNECT_ABANDONED when this id was given up before (start a new one)
 */
export function connect(channel: Channel, details: ChannelConnected['data']): ChannelConnected[] {
  switch (channel.kind) {
    case 'UNBORN':
      return [{ type: 'ChannelConnected', data: details }];
    case 'LIVE':
    case 'DISCONNECTED':
      return [];
    case 'ABANDONED':
      throw new DomainError('CONNECT_ABANDONED', 'This connect was given up; start a new one');
    default:
      return assertNever(channel);
  }
}

/**
 * Disconnects, for good. A second disconnect decides nothing: the first one stands, with its
 * actor, its time and its plan.
 *
 * @throws DomainError CHANNEL_NOT_FOUND when there never was a channel to end.
 */
export function disconnect(
  channel: Channel,
  request: {
    readonly now: string;
    readonly actor: string;
    readonly reason: DisconnectReason;
    readonly plan: readonly PlannedEffect[];
  },
): ChannelDisconnected[] {
  switch (channel.kind) {
    case 'LIVE':
      return [
        {
          type: 'ChannelDisconnected',
          data: {
            channelId: channel.row.id,
            workspaceId: channel.row.workspaceId,
            platform: channel.row.platform,
            requestedAt: request.now,
            requestedBy: request.actor,
            reason: request.reason,
            plan: request.plan,
          },
        },
      ];
    case 'DISCONNECTED':
      return [];
    case 'UNBORN':
    case 'ABANDONED':
      throw new DomainError('CHANNEL_NOT_FOUND', 'There is no such channel');
    default:
      return assertNever(channel);
  }
}

/** Gives up a connect that never appended its event; decides nothing once it did. */
export function abandonConnect(
  channel: Channel,
  request: { readonly channelId: ChannelId; readonly now: string },
): ConnectAbandoned[] {
  if (channel.kind !== 'UNBORN') return [];
  return [
    {
      type: 'ConnectAbandoned',
      data: { channelId: request.channelId, abandonedAt: request.now },
    },
  ];
}

function impossible(channel: Channel, event: ChannelEvent): Error {
  return new Error(`The stream is broken: ${event.type} on a channel that is ${channel.kind}`);
}
