import { DomainError } from '../domain-error';
import { assertNever } from '../domain-event';
import type { Channel } from './channel';
import type {
  ChannelAccessRevoked,
  ChannelReauthorized,
  ChannelTokenRefreshed,
  ChannelTokenRefreshFailed,
} from './channel-events';
import type { ChannelRow } from './channel-row';

/** Milliseconds within which the same failure again is no news. */
const sameFailureForMs = 3_600_000;

/**
 * New tokens for a channel in any state but DISCONNECTED: ACTIVE again, same id.
 *
 * @throws DomainError CHANNEL_NOT_FOUND, CHANNEL_DISCONNECTED
 */
export function reauthorize(
  channel: Channel,
  request: {
    readonly now: string;
    readonly actor: string;
    readonly scopes: readonly string[];
    readonly grantRef: string;
    readonly grantedAt: string;
    readonly tokenExpiresAt: string | null;
  },
): ChannelReauthorized[] {
  const { id: channelId, workspaceId, platform } = liveRow(channel);
  const { scopes, grantRef, grantedAt, tokenExpiresAt } = request;
  return [
    {
      type: 'ChannelReauthorized',
      data: {
        channelId,
        workspaceId,
        platform,
        scopes,
        grantRef,
        grantedAt,
        tokenExpiresAt,
        reauthorizedAt: request.now,
        reauthorizedBy: request.actor,
      },
    },
  ];
}

/**
 * New tokens that a refresh brought. Only an ACTIVE channel is refreshed: once the platform has
 * said that the grant is gone, a success that comes late was overtaken by it.
 *
 * @param report tokenVersion: of the new tokens in the vault
 * @throws DomainError CHANNEL_NOT_FOUND, CHANNEL_DISCONNECTED, REAUTHORIZATION_REQUIRED
 */
export function recordRefresh(
  channel: Channel,
  report: {
    readonly now: string;
    readonly tokenExpiresAt: string | null;
    readonly tokenVersion: number;
  },
): ChannelTokenRefreshed[] {
  const { id: channelId } = activeRow(channel);
  const { now: refreshedAt, tokenExpiresAt, tokenVersion } = report;
  return [
    {
      type: 'ChannelTokenRefreshed',
      data: { channelId, tokenExpiresAt, refreshedAt, tokenVersion },
    },
  ];
}

/** A failed refresh as it was reported. */
export interface RefreshFailure {
  readonly now: string;
  /** Scrubbed: it is recorded as it is. */
  readonly reason: string;
  /** The platform's HTTP status; null when it didn't answer. */
  readonly platformStatus: number | null;
  /** The platform says that trying again is useless: TOKEN_EXPIRED. */
  readonly permanent: boolean;
}

/**
 * Holds an event of new tokens, decided when they were stored, against what the channel is by now:
 * it may have ended, or lost its grant, before the event was appended.
 *
 * @throws DomainError CHANNEL_NOT_FOUND, CHANNEL_DISCONNECTED, REAUTHORIZATION_REQUIRED
 */
export function confirmNewTokens<E extends ChannelReauthorized | ChannelTokenRefreshed>(
  channel: Channel,
  event: E,
): E[] {
  if (event.type === 'ChannelReauthorized') liveRow(channel);
  else activeRow(channel);
  return [event];
}

/**
 * A refresh that failed. The same failure again is recorded once an hour at most, and a permanent
 * one once.
 *
 * @throws DomainError CHANNEL_NOT_FOUND, CHANNEL_DISCONNECTED, REAUTHORIZATION_REQUIRED
 */
export function recordRefreshFailure(
  channel: Channel,
  { now: attemptedAt, reason, platformStatus, permanent }: RefreshFailure,
): ChannelTokenRefreshFailed[] {
  const row = liveRow(channel);
  const isSame = row.lastRefreshError === reason && row.lastRefreshErrorStatus === platformStatus;
  if (isSame && permanent && row.status === 'TOKEN_EXPIRED') return [];
  activeRow(channel);
  const last = row.lastRefreshAttemptAt;
  const isRecent = last !== null && Date.parse(attemptedAt) - Date.parse(last) < sameFailureForMs;
  if (isSame && isRecent && !permanent) return [];

  const { id: channelId, workspaceId, platform } = row;
  const failure = { attemptedAt, reason, platformStatus, permanent };
  return [
    { type: 'ChannelTokenRefreshFailed', data: { channelId, workspaceId, platform, ...failure } },
  ];
}

/**
 * The platform withdrew the grant. A second report decides nothing.
 *
 * @throws DomainError CHANNEL_NOT_FOUND, CHANNEL_DISCONNECTED
 */
export function revokeAccess(
  channel: Channel,
  report: { readonly now: string },
): ChannelAccessRevoked[] {
  const { id: channelId, workspaceId, platform, status } = liveRow(channel);
  if (status === 'REVOKED') return [];
  const revokedAt = report.now;
  return [{ type: 'ChannelAccessRevoked', data: { channelId, workspaceId, platform, revokedAt } }];
}

function liveRow(channel: Channel): ChannelRow {
  switch (channel.kind) {
    case 'LIVE':
      return channel.row;
    case 'DISCONNECTED':
      throw new DomainError('CHANNEL_DISCONNECTED', 'This channel is disconnected, for good');
    case 'UNBORN':
    case 'ABANDONED':
      throw new DomainError('CHANNEL_NOT_FOUND', 'There is no such channel');
    default:
      return assertNever(channel);
  }
}

function activeRow(channel: Channel): ChannelRow {
  const row = liveRow(channel);
  if (row.status === 'ACTIVE') return row;
  throw new DomainError('REAUTHORIZATION_REQUIRED', `The channel is ${row.status}: reauthorize it`);
}
