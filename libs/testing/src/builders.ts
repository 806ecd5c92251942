import { ulid } from 'ulid';
import type { AccountToConnect } from '@app/commands';
import type {
  ChannelAccessRevoked,
  ChannelConnected,
  ChannelDisconnected,
  ChannelReauthorized,
  ChannelTokenRefreshed,
  ChannelTokenRefreshFailed,
  ConnectAbandoned,
  DisconnectionCompleted,
  EffectFinished,
  EffectName,
} from '@app/domain';
import { planDisconnection } from '@app/domain';
import type { EventContext } from '@app/event-store';
import { nextTestWorkspace } from './test-workspaces';

type Overrides<T> = Partial<T>;

export const aChannelId = (): string => `soc_${ulid()}`;
export const aWorkspaceId = (): string => `ws_${ulid()}`;
export const aUserId = (): string => `usr_${ulid()}`;
export const aPostId = (): string => `post_${ulid()}`;

/** When the events of these builders happen, unless said otherwise. */
export const connectedAt = '2026-11-01T08:00:00.000Z';
export const refreshedAt = '2026-11-01T12:00:00.000Z';
export const tokenExpiresAt = '2026-12-01T12:00:00.000Z';
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

/** New tokens of a channel that began with `start`, from a refresh. */
export function refreshed(
  start: ChannelConnected,
  data: Overrides<ChannelTokenRefreshed['data']> = {},
): ChannelTokenRefreshed {
  const { channelId } = start.data;
  return {
    type: 'ChannelTokenRefreshed',
    data: { channelId, tokenExpiresAt, refreshedAt, tokenVersion: 2, ...data },
  };
}

/** A refresh that failed, and may succeed the next time. */
export function refreshFailed(
  start: ChannelConnected,
  data: Overrides<ChannelTokenRefreshFailed['data']> = {},
): ChannelTokenRefreshFailed {
  return {
    type: 'ChannelTokenRefreshFailed',
    data: {
      ...whoseOf(start),
      attemptedAt: refreshedAt,
      reason: 'temporarily_unavailable',
      platformStatus: 503,
      permanent: false,
      ...data,
    },
  };
}

/** The platform withdrew the grant of a channel that began with `start`. */
export function accessRevoked(
  start: ChannelConnected,
  data: Overrides<ChannelAccessRevoked['data']> = {},
): ChannelAccessRevoked {
  return {
    type: 'ChannelAccessRevoked',
    data: { ...whoseOf(start), revokedAt: refreshedAt, ...data },
  };
}

/** New tokens of a channel that began with `start`, from somebody's login. */
export function reauthorized(
  start: ChannelConnected,
  data: Overrides<ChannelReauthorized['data']> = {},
): ChannelReauthorized {
  return {
    type: 'ChannelReauthorized',
    data: {
      ...whoseOf(start),
      scopes: ['instagram_basic'],
      grantRef: 'b1'.repeat(32),
      grantedAt: refreshedAt,
      tokenExpiresAt,
      reauthorizedAt: refreshedAt,
      reauthorizedBy: aUserId(),
      ...data,
    },
  };
}

function whoseOf({ data: { channelId, workspaceId, platform } }: ChannelConnected) {
  return { channelId, workspaceId, platform };
}

/** The end of a channel that began with `start`, with every effect planned. */
export function disconnected(
  start: ChannelConnected = connected(),
  data: Overrides<ChannelDisconnected['data']> = {},
): ChannelDisconnected {
  return {
    type: 'ChannelDisconnected',
    data: {
      ...whoseOf(start),
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
    workspaceId: nextTestWorkspace(),
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
