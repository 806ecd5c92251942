import type { DomainEvent, EffectName } from '@app/domain';
import { announcedEffects, planDisconnection } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';
import {
  accessRevoked,
  connected as aConnected,
  reauthorized,
  refreshed,
  refreshFailed,
} from '@app/testing';
import { judge } from './verdict';

const channelId = 'soc_01JA0000000000000000000001';
const workspaceId = 'ws_01JA0000000000000000000001';
const time = '2026-11-25T10:00:00.000Z';

const connected = aConnected({ channelId, workspaceId, platform: 'X' });

function disconnected(planned: readonly EffectName[]): DomainEvent {
  return {
    type: 'ChannelDisconnected',
    data: {
      channelId,
      workspaceId,
      platform: 'X',
      requestedAt: time,
      requestedBy: 'usr_1',
      reason: 'USER_REQUEST',
      plan: planDisconnection(time, 20).filter(({ effect }) => planned.includes(effect)),
    },
  };
}

const abandoned: DomainEvent = {
  type: 'ConnectAbandoned',
  data: { channelId, abandonedAt: time },
};

function recorded(event: DomainEvent): RecordedEvent {
  return {
    id: 'b2f6d3a0-0000-4000-8000-000000000001',
    stream: `channel-${channelId}`,
    revision: 1,
    position: { commit: 1n, prepare: 1n },
    recordedAt: new Date(time),
    event,
    metadata: { correlationId: 'req', causationId: 'req', actor: 'usr_1', schemaVersion: 1 },
  };
}

describe('No destruction on hearsay', () => {
  it.each(announcedEffects)('%s is confirmed by a disconnect that planned it', (effect) => {
    expect(judge(effect, channelId, recorded(disconnected(announcedEffects)))).toEqual({
      kind: 'CONFIRMED',
      target: { channelId, workspaceId },
      ending: { kind: 'disconnected', endedAt: time },
    });
  });

  it.each(announcedEffects)('%s is refused where there is no such channel', (effect) => {
    expect(judge(effect, channelId, undefined)).toEqual({
      kind: 'REFUSED',
      reason: 'there is no such channel',
    });
  });

  it.each(announcedEffects)('%s is refused for a channel that lives', (effect) => {
    expect(judge(effect, channelId, recorded(connected))).toEqual({
      kind: 'REFUSED',
      reason: 'the channel is connected',
    });
  });

  it.each([
    refreshed(connected),
    refreshFailed(connected),
    refreshFailed(connected, { permanent: true }),
    accessRevoked(connected),
    reauthorized(connected),
  ])('every effect is refused after $type: the channel is still connected', (event) => {
    for (const effect of announcedEffects) {
      expect(judge(effect, channelId, recorded(event))).toEqual({
        kind: 'REFUSED',
        reason: 'the channel is connected',
      });
    }
  });

  it.each(announcedEffects)(
    '%s is refused by a disconnect that planned only the others',
    (effect) => {
      const others = announcedEffects.filter((name) => name !== effect);
      expect(judge(effect, channelId, recorded(disconnected(others))).kind).toBe('REFUSED');
    },
  );

  it('an abandoned connect has tokens to wipe, and nothing else', () => {
    expect(announcedEffects.map((effect) => judge(effect, channelId, recorded(abandoned)))).toEqual(
      [
        {
          kind: 'CONFIRMED',
          target: { channelId, workspaceId: null },
          ending: { kind: 'abandoned', endedAt: time },
        },
        { kind: 'REFUSED', reason: 'the connect was abandoned' },
        { kind: 'REFUSED', reason: 'the connect was abandoned' },
        { kind: 'REFUSED', reason: 'the connect was abandoned' },
      ],
    );
  });
});
