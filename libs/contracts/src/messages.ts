import type { CloudEvent } from './cloud-event';
import type { Topic } from './topics';
import { channelsTopic, disconnectionsTopic } from './topics';

/**
 * The public messages. Their data is ids, platform, status and times: never a handle, a token or
 * any content. Fields are only ever added; readers ignore what they don't know.
 */
export type IntegrationMessage =
  | ChannelConnectedMessage
  | ChannelReauthorizedMessage
  | ChannelExpiredMessage
  | ChannelRevokedMessage
  | ChannelDisconnectedMessage
  | DisconnectionCompletedMessage
  | DisconnectionOverdueMessage;
export type MessageType = IntegrationMessage['type'];

/** An account was connected. */
export type ChannelConnectedMessage = CloudEvent<
  'ai.postbreeze.channel.connected.v1',
  {
    readonly channelId: string;
    readonly workspaceId: string;
    /** Upper case, e.g. INSTAGRAM; more may be added. */
    readonly platform: string;
    readonly status: 'ACTIVE';
    readonly connectedAt: string;
  }
>;

/** A channel was given new tokens by somebody's login: publishable again, under the same id. */
export type ChannelReauthorizedMessage = CloudEvent<
  'ai.postbreeze.channel.reauthorized.v1',
  {
    readonly channelId: string;
    readonly workspaceId: string;
    /** Upper case, e.g. INSTAGRAM; more may be added. */
    readonly platform: string;
    readonly status: 'ACTIVE';
    readonly reauthorizedAt: string;
  }
>;

/** The platform refused to refresh a channel's tokens, for good: somebody must reauthorize it. */
export type ChannelExpiredMessage = CloudEvent<
  'ai.postbreeze.channel.expired.v1',
  {
    readonly channelId: string;
    readonly workspaceId: string;
    /** Upper case, e.g. INSTAGRAM; more may be added. */
    readonly platform: string;
    readonly status: 'TOKEN_EXPIRED';
    readonly expiredAt: string;
  }
>;

/** The platform withdrew the grant of a channel: somebody must reauthorize it. */
export type ChannelRevokedMessage = CloudEvent<
  'ai.postbreeze.channel.revoked.v1',
  {
    readonly channelId: string;
    readonly workspaceId: string;
    /** Upper case, e.g. INSTAGRAM; more may be added. */
    readonly platform: string;
    readonly status: 'REVOKED';
    readonly revokedAt: string;
  }
>;

/** A channel has ended, for good: whoever keeps anything for it must let go of it. */
export type ChannelDisconnectedMessage = CloudEvent<
  'ai.postbreeze.channel.disconnected.v1',
  {
    readonly channelId: string;
    readonly workspaceId: string;
    /** Upper case, e.g. INSTAGRAM; more may be added. */
    readonly platform: string;
    readonly status: 'DISCONNECTED';
    readonly disconnectedAt: string;
  }
>;

/** Every effect of a disconnect has been brought about. */
export type DisconnectionCompletedMessage = CloudEvent<
  'ai.postbreeze.disconnection.completed.v1',
  {
    readonly channelId: string;
    readonly status: 'COMPLETED';
    readonly completedAt: string;
  }
>;

/** A disconnection has passed its deadline with effects still open; its completion may follow. */
export type DisconnectionOverdueMessage = CloudEvent<
  'ai.postbreeze.disconnection.overdue.v1',
  {
    readonly channelId: string;
    readonly workspaceId: string;
    /** Upper case, e.g. INSTAGRAM; more may be added. */
    readonly platform: string;
    readonly status: 'OVERDUE';
    readonly deadline: string;
    readonly overdueAt: string;
  }
>;

/** Where each message goes. */
export const topicOf: Readonly<Record<MessageType, Topic>> = {
  'ai.postbreeze.channel.connected.v1': channelsTopic,
  'ai.postbreeze.channel.reauthorized.v1': channelsTopic,
  'ai.postbreeze.channel.expired.v1': channelsTopic,
  'ai.postbreeze.channel.revoked.v1': channelsTopic,
  'ai.postbreeze.channel.disconnected.v1': channelsTopic,
  'ai.postbreeze.disconnection.completed.v1': disconnectionsTopic,
  'ai.postbreeze.disconnection.overdue.v1': disconnectionsTopic,
};

export const messageTypes = Object.keys(topicOf) as readonly MessageType[];
