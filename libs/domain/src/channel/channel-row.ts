import { assertNever } from '../domain-event';
import type { ChannelId, WorkspaceId } from '../ids';
import type {
  ChannelAccessRevoked,
  ChannelConnected,
  ChannelReauthorized,
  ChannelTokenRefreshed,
  ChannelTokenRefreshFailed,
} from './channel-events';
import type { Platform } from './platform';

export const channelStatuses = ['ACTIVE', 'TOKEN_EXPIRED', 'REVOKED', 'DISCONNECTED'] as const;
export type ChannelStatus = (typeof channelStatuses)[number];

/** What every member of the workspace may see of a channel: the row that REST answers. */
export interface ChannelRow {
  readonly id: ChannelId;
  readonly workspaceId: WorkspaceId;
  readonly platform: Platform;
  readonly externalId: string;
  readonly handle: string;
  readonly displayName: string | null;
  readonly avatarUrl: string | null;
  readonly status: ChannelStatus;
  readonly scopes: readonly string[];
  readonly connectedAt: string;
  readonly lastRefreshedAt: string | null;
  readonly tokenExpiresAt: string | null;
  readonly lastRefreshAttemptAt: string | null;
  readonly lastRefreshError: string | null;
  readonly lastRefreshErrorStatus: number | null;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly defaultBoardId: string | null;
}

/** What happens to a channel's tokens while it lives. */
export type TokenEvent =
  ChannelReauthorized | ChannelTokenRefreshed | ChannelTokenRefreshFailed | ChannelAccessRevoked;

/** The row of a channel that was just connected: nothing was refreshed yet. */
export function rowOf(data: ChannelConnected['data']): ChannelRow {
  return {
    id: data.channelId,
    workspaceId: data.workspaceId,
    platform: data.platform,
    externalId: data.externalId,
    handle: data.handle,
    displayName: data.displayName,
    avatarUrl: data.avatarUrl,
    status: 'ACTIVE',
    scopes: data.scopes,
    connectedAt: data.connectedAt,
    lastRefreshedAt: null,
    tokenExpiresAt: data.tokenExpiresAt,
    lastRefreshAttemptAt: null,
    lastRefreshError: null,
    lastRefreshErrorStatus: null,
    meta: data.meta,
    defaultBoardId: data.defaultBoardId,
  };
}

/** The row after something happened to the channel's tokens. */
export function evolveRow(row: ChannelRow, event: TokenEvent): ChannelRow {
  const noFailure = { lastRefreshError: null, lastRefreshErrorStatus: null };
  switch (event.type) {
    case 'ChannelReauthorized': {
      const { scopes, tokenExpiresAt } = event.data;
      return { ...row, ...noFailure, status: 'ACTIVE', scopes, tokenExpiresAt };
    }
    case 'ChannelTokenRefreshed': {
      const { refreshedAt, tokenExpiresAt } = event.data;
      const times = { lastRefreshedAt: refreshedAt, lastRefreshAttemptAt: refreshedAt };
      return { ...row, ...noFailure, ...times, tokenExpiresAt };
    }
    case 'ChannelTokenRefreshFailed': {
      const { attemptedAt, reason, platformStatus, permanent } = event.data;
      return {
        ...row,
        status: permanent ? 'TOKEN_EXPIRED' : row.status,
        lastRefreshAttemptAt: attemptedAt,
        lastRefreshError: reason,
        lastRefreshErrorStatus: platformStatus,
      };
    }
    case 'ChannelAccessRevoked':
      return { ...row, status: 'REVOKED' };
    default:
      return assertNever(event);
  }
}
