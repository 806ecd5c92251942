import type { IntegrationMessage } from '@app/contracts';
import type { DomainEventType } from '@app/domain';
import { assertNever } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';

/**
 * What the world is told of a domain event; null for what stays within this service. Field by
 * field, so that nothing gets out because somebody added it to an event.
 */
export function toCloudEvent(recorded: RecordedEvent): IntegrationMessage | null {
  const { event } = recorded;
  switch (event.type) {
    case 'ChannelConnected': {
      const { channelId, workspaceId, platform, connectedAt } = event.data;
      return {
        ...attributes(recorded, channelId),
        type: 'ai.postbreeze.channel.connected.v1',
        data: { channelId, workspaceId, platform, status: 'ACTIVE', connectedAt },
      };
    }
    case 'ChannelReauthorized': {
      const { channelId, workspaceId, platform, reauthorizedAt } = event.data;
      return {
        ...attributes(recorded, channelId),
        type: 'ai.postbreeze.channel.reauthorized.v1',
        data: { channelId, workspaceId, platform, status: 'ACTIVE', reauthorizedAt },
      };
    }
    case 'ChannelTokenRefreshFailed': {
      const { channelId, workspaceId, platform, permanent, attemptedAt: expiredAt } = event.data;
      // One that may be repaired by the next attempt changes nothing that anybody could act on.
      if (!permanent) return null;
      return {
        ...attributes(recorded, channelId),
        type: 'ai.postbreeze.channel.expired.v1',
        data: { channelId, workspaceId, platform, status: 'TOKEN_EXPIRED', expiredAt },
      };
    }
    case 'ChannelAccessRevoked': {
      const { channelId, workspaceId, platform, revokedAt } = event.data;
      return {
        ...attributes(recorded, channelId),
        type: 'ai.postbreeze.channel.revoked.v1',
        data: { channelId, workspaceId, platform, status: 'REVOKED', revokedAt },
      };
    }
    case 'ChannelDisconnected': {
      const { channelId, workspaceId, platform, requestedAt: disconnectedAt } = event.data;
      return {
        ...attributes(recorded, channelId),
        type: 'ai.postbreeze.channel.disconnected.v1',
        data: { channelId, workspaceId, platform, status: 'DISCONNECTED', disconnectedAt },
      };
    }
    case 'DisconnectionCompleted': {
      const { channelId, completedAt } = event.data;
      return {
        ...attributes(recorded, channelId),
        type: 'ai.postbreeze.disconnection.completed.v1',
        data: { channelId, status: 'COMPLETED', completedAt },
      };
    }
    case 'DisconnectionOverdue': {
      const { channelId, workspaceId, platform, deadline, overdueAt } = event.data;
      return {
        ...attributes(recorded, channelId),
        type: 'ai.postbreeze.disconnection.overdue.v1',
        data: { channelId, workspaceId, platform, status: 'OVERDUE', deadline, overdueAt },
      };
    }
    case 'ChannelTokenRefreshed':
    case 'ConnectAbandoned':
    case 'EffectFinished':
    case 'EffectParked':
      return null;
    default:
      return assertNever(event);
  }
}

/** The event types that no message follows from: nobody outside could do anything with them. */
export const privateEventTypes = [
  /** The channel stays as publishable as it was. */
  'ChannelTokenRefreshed',
  /** The channel was never announced. */
  'ConnectAbandoned',
  /** A step of a disconnection; its end is announced. */
  'EffectFinished',
  /** An operator's business: the disconnection is late, at worst, and that is announced. */
  'EffectParked',
] as const satisfies readonly DomainEventType[];

function attributes({ id, revision, recordedAt }: RecordedEvent, channelId: string) {
  return { id, subject: channelId, time: recordedAt.toISOString(), streamrevision: revision };
}
