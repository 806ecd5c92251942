import type { PlannedEffect } from '../disconnection/effect';
import type { ChannelId, WorkspaceId } from '../ids';
import type { Platform } from './platform';

/** An account was connected: the first event of `channel-<id>`. All times are ISO 8601 UTC. */
export interface ChannelConnected {
  readonly type: 'ChannelConnected';
  readonly data: {
    readonly channelId: ChannelId;
    readonly workspaceId: WorkspaceId;
    readonly platform: Platform;
    /** The platform's stable id of the account. */
    readonly externalId: string;
    readonly handle: string;
    readonly displayName: string | null;
    readonly avatarUrl: string | null;
    readonly scopes: readonly string[];
    /** Free-form per platform; bounded, and refused where it looks like a credential. */
    readonly meta: Readonly<Record<string, unknown>>;
    readonly defaultBoardId: string | null;
    /** HMAC of who granted access on the platform: tells shared grants without naming anybody. */
    readonly grantRef: string;
    readonly grantedAt: string;
    readonly tokenExpiresAt: string | null;
    readonly connectedAt: string;
    readonly connectedBy: string;
  };
}

/** New tokens from the platform's login flow, in any state but the last: ACTIVE again, same id. */
export interface ChannelReauthorized {
  readonly type: 'ChannelReauthorized';
  readonly data: {
    readonly channelId: ChannelId;
    readonly workspaceId: WorkspaceId;
    readonly platform: Platform;
    readonly scopes: readonly string[];
    readonly grantRef: string;
    readonly grantedAt: string;
    readonly tokenExpiresAt: string | null;
    readonly reauthorizedAt: string;
    readonly reauthorizedBy: string;
  };
}

/** The platform gave new tokens for the refresh token. */
export interface ChannelTokenRefreshed {
  readonly type: 'ChannelTokenRefreshed';
  readonly data: {
    readonly channelId: ChannelId;
    readonly tokenExpiresAt: string | null;
    readonly refreshedAt: string;
    /** Of the tokens in the vault: tells a repeated report from a new one. */
    readonly tokenVersion: number;
  };
}

/** A refresh failed. A permanent failure, never a clock, makes a channel TOKEN_EXPIRED. */
export interface ChannelTokenRefreshFailed {
  readonly type: 'ChannelTokenRefreshFailed';
  readonly data: {
    readonly channelId: ChannelId;
    readonly workspaceId: WorkspaceId;
    readonly platform: Platform;
    readonly attemptedAt: string;
    /** What the platform answered, scrubbed of anything that looks like a credential. */
    readonly reason: string;
    /** The platform's HTTP status; null when it didn't answer. */
    readonly platformStatus: number | null;
    readonly permanent: boolean;
  };
}

/** The platform withdrew the grant: REVOKED until somebody reauthorizes. */
export interface ChannelAccessRevoked {
  readonly type: 'ChannelAccessRevoked';
  readonly data: {
    readonly channelId: ChannelId;
    readonly workspaceId: WorkspaceId;
    readonly platform: Platform;
    readonly revokedAt: string;
  };
}

/** The end of a channel, asked for by somebody. Nothing follows it in its stream. */
export interface ChannelDisconnected {
  readonly type: 'ChannelDisconnected';
  readonly data: {
    readonly channelId: ChannelId;
    readonly workspaceId: WorkspaceId;
    readonly platform: Platform;
    readonly requestedAt: string;
    /** Opaque id of the user. */
    readonly requestedBy: string;
    readonly reason: DisconnectReason;
    /** What has to be done, and by when: the receipt is measured against it. */
    readonly plan: readonly PlannedEffect[];
  };
}

/** A connect that crashed half-way was given up: its claim is free, its tokens get wiped. */
export interface ConnectAbandoned {
  readonly type: 'ConnectAbandoned';
  readonly data: {
    readonly channelId: ChannelId;
    readonly abandonedAt: string;
  };
}

export type DisconnectReason = 'USER_REQUEST';

export type ChannelEvent =
  | ChannelConnected
  | ChannelReauthorized
  | ChannelTokenRefreshed
  | ChannelTokenRefreshFailed
  | ChannelAccessRevoked
  | ChannelDisconnected
  | ConnectAbandoned;

export const channelEventTypes = [
  'ChannelConnected',
  'ChannelReauthorized',
  'ChannelTokenRefreshed',
  'ChannelTokenRefreshFailed',
  'ChannelAccessRevoked',
  'ChannelDisconnected',
  'ConnectAbandoned',
] as const satisfies readonly ChannelEvent['type'][];
