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

export type ChannelEvent = ChannelConnected | ChannelDisconnected | ConnectAbandoned;

export const channelEventTypes = [
  'ChannelConnected',
  'ChannelDisconnected',
  'ConnectAbandoned',
] as const satisfies readonly ChannelEvent['type'][];
