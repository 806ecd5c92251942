import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataSchemas, encodeCloudEvent, messageTypes, topicOf } from '@app/contracts';
import type { DomainEvent } from '@app/domain';
import { domainEventTypes, planDisconnection, platforms } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';
import { privateEventTypes, toCloudEvent } from './to-cloud-event';

const channelId = 'soc_01JDXSYV8Q3M5K7N9R2T4W6YBC';
const workspaceId = 'ws_01JDXSYV8Q0000000000000WS1';
const actor = 'usr_01JDXSYV8Q0000000000000SR1';

/** One event of each type, as it was recorded; with everything in it that must not get out. */
const recorded: { readonly [T in DomainEvent['type']]: RecordedEvent } = {
  ChannelConnected: record(0, '01', '2026-11-25T10:15:30.125Z', {
    type: 'ChannelConnected',
    data: {
      channelId,
      workspaceId,
      platform: 'INSTAGRAM',
      externalId: '17841400000000000',
      handle: '@brand',
      displayName: 'Brand',
      avatarUrl: 'https://cdn.example/brand.png',
      scopes: ['publish'],
      meta: { premium: true },
      defaultBoardId: null,
      grantRef: 'a-grant',
      grantedAt: '2026-11-25T10:15:00.000Z',
      tokenExpiresAt: null,
      connectedAt: '2026-11-25T10:15:30.000Z',
      connectedBy: actor,
    },
  }),
  ChannelReauthorized: record(4, '06', '2026-11-25T10:45:00.250Z', {
    type: 'ChannelReauthorized',
    data: {
      channelId,
      workspaceId,
      platform: 'INSTAGRAM',
      scopes: ['publish'],
      grantRef: 'a-grant',
      grantedAt: '2026-11-25T10:44:50.000Z',
      tokenExpiresAt: '2027-01-24T10:45:00.000Z',
      reauthorizedAt: '2026-11-25T10:45:00.000Z',
      reauthorizedBy: actor,
    },
  }),
  ChannelTokenRefreshed: record(1, '07', '2026-11-25T10:20:00.250Z', {
    type: 'ChannelTokenRefreshed',
    data: {
      channelId,
      tokenExpiresAt: '2027-01-24T10:20:00.000Z',
      refreshedAt: '2026-11-25T10:20:00.000Z',
      tokenVersion: 2,
    },
  }),
  ChannelTokenRefreshFailed: refreshFailed({ permanent: true }),
  ChannelAccessRevoked: record(3, '09', '2026-11-25T10:40:00.250Z', {
    type: 'ChannelAccessRevoked',
    data: {
      channelId,
      workspaceId,
      platform: 'INSTAGRAM',
      revokedAt: '2026-11-25T10:40:00.000Z',
    },
  }),
  ChannelDisconnected: record(1, '02', '2026-11-25T11:00:00.250Z', {
    type: 'ChannelDisconnected',
    data: {
      channelId,
      workspaceId,
      platform: 'INSTAGRAM',
      requestedAt: '2026-11-25T11:00:00.000Z',
      requestedBy: actor,
      reason: 'USER_REQUEST',
      plan: planDisconnection('2026-11-25T11:00:00.000Z', 20),
    },
  }),
  ConnectAbandoned: record(0, '04', '2026-11-25T10:15:30.125Z', {
    type: 'ConnectAbandoned',
    data: { channelId, abandonedAt: '2026-11-25T10:15:30.000Z' },
  }),
  EffectFinished: record(3, '05', '2026-11-25T11:00:02.400Z', {
    type: 'EffectFinished',
    data: {
      channelId,
      effect: 'token-wipe',
      status: 'DONE',
      counts: { tokens: 1 },
      attempts: 1,
      firstAttemptAt: '2026-11-25T11:00:01.000Z',
      finishedAt: '2026-11-25T11:00:02.000Z',
    },
  }),
  EffectParked: record(2, '09', '2026-11-25T11:00:02.300Z', {
    type: 'EffectParked',
    data: {
      channelId,
      effect: 'comments-purge',
      attempts: 12,
      firstAttemptAt: '2026-11-25T11:00:01.000Z',
      parkedAt: '2026-11-25T11:00:02.000Z',
      error: 'relation is locked',
    },
  }),
  DisconnectionOverdue: record(3, '0a', '2026-11-26T07:00:00.250Z', {
    type: 'DisconnectionOverdue',
    data: {
      channelId,
      workspaceId,
      platform: 'INSTAGRAM',
      deadline: '2026-11-26T07:00:00.000Z',
      overdueAt: '2026-11-26T07:00:00.125Z',
      open: ['comments-purge'],
    },
  }),
  DisconnectionCompleted: record(4, '03', '2026-11-25T11:00:02.500Z', {
    type: 'DisconnectionCompleted',
    data: { channelId, completedAt: '2026-11-25T11:00:02.000Z' },
  }),
};

function refreshFailed({ permanent }: { permanent: boolean }): RecordedEvent {
  return record(2, '08', '2026-11-25T10:30:00.250Z', {
    type: 'ChannelTokenRefreshFailed',
    data: {
      channelId,
      workspaceId,
      platform: 'INSTAGRAM',
      attemptedAt: '2026-11-25T10:30:00.000Z',
      reason: 'The user changed the password',
      platformStatus: 400,
      permanent,
    },
  });
}

function record(
  revision: number,
  idEnd: string,
  recordedAt: string,
  event: DomainEvent,
): RecordedEvent {
  return {
    id: `5f0c0d3e-6f0a-4b5e-9a51-0d4c1f1f7a${idEnd}`,
    stream: 'not looked at',
    revision,
    position: { commit: 0n, prepare: 0n },
    recordedAt: new Date(recordedAt),
    event,
    metadata: { schemaVersion: 1, correlationId: 'c', causationId: 'c', actor },
  };
}

function golden(name: string): unknown {
  return JSON.parse(readFileSync(join(__dirname, `../../contracts/goldens/${name}.json`), 'utf8'));
}

/** The message as Kafka will carry it, in the shape of a golden. */
function sent(type: DomainEvent['type']): unknown {
  const message = toCloudEvent(recorded[type])!;
  const { key, headers, value } = encodeCloudEvent(message);
  return { topic: topicOf[message.type], key, headers, data: JSON.parse(value) as unknown };
}

describe('toCloudEvent', () => {
  it.each([
    ['ChannelConnected', 'channel.connected.v1'],
    ['ChannelReauthorized', 'channel.reauthorized.v1'],
    ['ChannelTokenRefreshFailed', 'channel.expired.v1'],
    ['ChannelAccessRevoked', 'channel.revoked.v1'],
    ['ChannelDisconnected', 'channel.disconnected.v1'],
    ['DisconnectionCompleted', 'disconnection.completed.v1'],
    ['DisconnectionOverdue', 'disconnection.overdue.v1'],
  ] as const)('%s becomes exactly the golden %s', (type, name) => {
    expect(sent(type)).toEqual(golden(name));
  });

  it('leaves it to the relay whether a message is traced, and carries that along', () => {
    const metadata = { ...recorded.ChannelDisconnected.metadata, traceparent: 'of the event' };
    const message = toCloudEvent({ ...recorded.ChannelDisconnected, metadata })!;
    expect(message).toEqual(toCloudEvent(recorded.ChannelDisconnected));
    const traced = encodeCloudEvent({ ...message, traceparent: 'of the relay' });
    expect(traced.headers).toEqual({
      ...encodeCloudEvent(message).headers,
      ce_traceparent: 'of the relay',
    });
  });

  it.each(privateEventTypes)('keeps %s to itself', (type) => {
    expect(toCloudEvent(recorded[type])).toBeNull();
  });

  it('keeps a failed refresh to itself that the next attempt may repair', () => {
    expect(toCloudEvent(refreshFailed({ permanent: false }))).toBeNull();
  });

  it('is total: each event type is told, or listed as private', () => {
    const told = domainEventTypes.filter((type) => toCloudEvent(recorded[type]) !== null);
    expect([...told, ...privateEventTypes].sort()).toEqual([...domainEventTypes].sort());
  });

  it('sends every message type that the contract has', () => {
    const types = Object.values(recorded).flatMap((event) => toCloudEvent(event)?.type ?? []);
    expect(types.sort()).toEqual([...messageTypes].sort());
  });

  it('fails loudly at a type that it does not know', () => {
    const unknown = { ...recorded.ConnectAbandoned, event: { type: 'ChannelRenamed' } };
    expect(() => toCloudEvent(unknown as unknown as RecordedEvent)).toThrow('ChannelRenamed');
  });

  it('names the platforms that the contract names', () => {
    const { platform } = dataSchemas['ai.postbreeze.channel.connected.v1'].properties;
    expect(platform?.examples).toEqual(platforms);
  });
});
