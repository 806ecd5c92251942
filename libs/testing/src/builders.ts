import { ulid } from 'ulid';
import type { AccountToConnect } from '@app/commands';
import type {
  ChannelConnected,
  ChannelDisconnected,
  ConnectAbandoned,
  DisconnectionCompleted,
  EffectFinished,
  EffectName,
} from '@app/domain';
import { planDisconnection } from '@app/domain';
import type { EventContext } from '@app/event-store';

type Overrides<T> = Partial<T>;

export const aChannelId = (): string => `soc_${ulid()}`;
export const aWorkspaceId = (): string => `ws_${ulid()}`;
export const aUserId = (): string => `usr_${ulid()}`;
export const aPostId = (): string => `post_${ulid()}`;

/** When the events of these builders happen, unless said otherwise. */
export const connectedAt = '2026-11-01T08:00:00.000Z';
export const requestedAt = '2026-11-02T09:00:00.000Z';
export const finishedAt = '2026-11-02T09:00:05.000Z';

/** The first event of a channel; every id is fresh unless given. */
export function connected(data: Overrides<ChannelConnected['data']> = {}): ChannelConnected {
  const channelId = data.channelId ?? aChannelId();
  return {
    type: 'ChannelConnected',
    data: {
      channelId,
      workspaceId: aWorkspaceId(),
      platform: 'INSTAGRAM',
      externalId: `external-${channelId}`,
      handle: '@brand',
      displayName: 'Brand',
      avatarUrl: null,
      scopes: ['instagram_basic', 'instagram_content_publish'],
      meta: {},
      defaultBoardId: null,
      grantRef: 'a0'.repeat(32),
      grantedAt: connectedAt,
      tokenExpiresAt: null,
      connectedAt,
      connectedBy: aUserId(),
      ...data,
    },
  };
}

/** The end of a channel that began with `start`, with every effect planned. */
export function disconnected(
  start: ChannelConnected = connected(),
  data: Overrides<ChannelDisconnected['data']> = {},
): ChannelDisconnected {
  const { channelId, workspaceId, platform } = start.data;
  return {
    type: 'ChannelDisconnected',
    data: {
      channelId,
      workspaceId,
      platform,
      requestedAt,
      requestedBy: aUserId(),
      reason: 'USER_REQUEST',
      plan: planDisconnection(data.requestedAt ?? requestedAt, 20),
      ...data,
    },
  };
}

export function abandoned(channelId: string = aChannelId()): ConnectAbandoned {
  return { type: 'ConnectAbandoned', data: { channelId, abandonedAt: requestedAt } };
}

/** The outcome of one effect. */
export function finished(
  channelId: string,
  effect: EffectName,
  data: Overrides<EffectFinished['data']> = {},
): EffectFinished {
  return {
    type: 'EffectFinished',
    data: {
      channelId,
      effect,
      status: 'DONE',
      counts: {},
      attempts: 1,
      firstAttemptAt: requestedAt,
      finishedAt,
      ...data,
    },
  };
}

export function completed(channelId: string, completedAt = finishedAt): DisconnectionCompleted {
  return { type: 'DisconnectionCompleted', data: { channelId, completedAt } };
}

/** An account as a platform's login flow hands it over; also the body of the internal connect. */
export function anAccount(overrides: Overrides<AccountToConnect> = {}): AccountToConnect {
  return {
    workspaceId: aWorkspaceId(),
    platform: 'INSTAGRAM',
    externalId: `external-${ulid()}`,
    handle: '@brand',
    displayName: 'Brand',
    avatarUrl: null,
    scopes: ['instagram_basic'],
    meta: {},
    defaultBoardId: null,
    tokens: { accessToken: `access-${ulid()}`, refreshToken: `refresh-${ulid()}` },
    tokenExpiresAt: null,
    grantedAt: connectedAt,
    grantSubject: `subject-${ulid()}`,
    actor: aUserId(),
    ...overrides,
  };
}

/** Who and what caused an event, in a test. */
export function aContext(overrides: Overrides<EventContext> = {}): EventContext {
  const request = `req_${ulid()}`;
  return { correlationId: request, causationId: request, actor: aUserId(), ...overrides };
}
