import type { MessageType } from './messages';

/** A JSON Schema (draft 2020-12) of an object; open, since fields are only ever added. */
export interface DataSchema {
  readonly $schema: string;
  readonly title: string;
  readonly description: string;
  readonly type: 'object';
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly required: readonly string[];
}

const channelId = {
  type: 'string',
  pattern: '^soc_[0-7][0-9A-HJKMNP-TV-Z]{25}$',
  description: 'The channel. An account that is connected again gets a new one.',
};
const workspaceId = { type: 'string', pattern: '^ws_[0-7][0-9A-HJKMNP-TV-Z]{25}$' };
const platform = {
  type: 'string',
  pattern: '^[A-Z][A-Z_]{0,63}$',
  description: 'The platform of the account. More may be added.',
  examples: [
    'INSTAGRAM',
    'FACEBOOK_PAGE',
    'X',
    'LINKEDIN_PERSON',
    'LINKEDIN_COMPANY',
    'TIKTOK_BUSINESS',
    'TIKTOK_PERSONAL',
    'YOUTUBE',
    'PINTEREST',
    'THREADS',
    'BLUESKY',
  ],
};
const time = { type: 'string', format: 'date-time', pattern: 'Z$', description: 'UTC' };

/** The data of each message. */
export const dataSchemas: Readonly<Record<MessageType, DataSchema>> = {
  'ai.postbreeze.channel.connected.v1': schema(
    'ChannelConnected',
    'An account was connected to a workspace.',
    { channelId, workspaceId, platform, status: { const: 'ACTIVE' }, connectedAt: time },
  ),
  'ai.postbreeze.channel.reauthorized.v1': schema(
    'ChannelReauthorized',
    "A channel was given new tokens by somebody's login: publishable again, under the same id.",
    { channelId, workspaceId, platform, status: { const: 'ACTIVE' }, reauthorizedAt: time },
  ),
  'ai.postbreeze.channel.expired.v1': schema(
    'ChannelExpired',
    "The platform refused to refresh a channel's tokens, for good: somebody must reauthorize it.",
    { channelId, workspaceId, platform, status: { const: 'TOKEN_EXPIRED' }, expiredAt: time },
  ),
  'ai.postbreeze.channel.revoked.v1': schema(
    'ChannelRevoked',
    'The platform withdrew the grant of a channel: somebody must reauthorize it.',
    { channelId, workspaceId, platform, status: { const: 'REVOKED' }, revokedAt: time },
  ),
  'ai.postbreeze.channel.disconnected.v1': schema(
    'ChannelDisconnected',
    'A channel has ended, for good: whoever keeps anything for it must let go of it.',
    { channelId, workspaceId, platform, status: { const: 'DISCONNECTED' }, disconnectedAt: time },
  ),
  'ai.postbreeze.disconnection.completed.v1': schema(
    'DisconnectionCompleted',
    'Every effect of a disconnect has been brought about.',
    { channelId, status: { const: 'COMPLETED' }, completedAt: time },
  ),
  'ai.postbreeze.disconnection.overdue.v1': schema(
    'DisconnectionOverdue',
    'A disconnection has passed its deadline with effects still open; its completion may follow.',
    {
      channelId,
      workspaceId,
      platform,
      status: { const: 'OVERDUE' },
      deadline: time,
      overdueAt: time,
    },
  ),
};

/** The headers of every message: CloudEvents 1.0 in binary content mode. */
export function headersSchema(type: MessageType): Readonly<Record<string, unknown>> {
  return {
    type: 'object',
    properties: {
      ce_specversion: { const: '1.0' },
      ce_id: {
        type: 'string',
        format: 'uuid',
        description: 'The same at each repeat: drop what you have seen.',
      },
      ce_source: { const: '/postbreeze/channels' },
      ce_type: { const: type },
      ce_subject: { ...channelId, description: 'The channel; the key of the message too.' },
      ce_time: { ...time, description: 'When the fact was recorded, UTC.' },
      ce_streamrevision: {
        type: 'string',
        pattern: '^(0|[1-9][0-9]*)$',
        description: 'The place of the fact in its stream, from 0: orders what is about a channel.',
      },
      ce_traceparent: {
        type: 'string',
        pattern: '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$',
        description:
          'Where the trace goes on that this is a part of (W3C trace context). Only while it is traced; another one at each repeat.',
      },
      'content-type': { const: 'application/json' },
    },
    required: [
      'ce_specversion',
      'ce_id',
      'ce_source',
      'ce_type',
      'ce_subject',
      'ce_time',
      'ce_streamrevision',
      'content-type',
    ],
  };
}

function schema(
  title: string,
  description: string,
  properties: DataSchema['properties'],
): DataSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title,
    description,
    type: 'object',
    properties,
    required: Object.keys(properties),
  };
}
