import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { DomainEvent } from '@app/domain';
import { assertNever } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';
import { Registry } from './registry';

/** Of its checkpoint. */
export const registrarName = 'registrar';

/**
 * Repairs the registry from the streams: a command that died between its append and its second
 * write is finished here. It goes forward only and is never replayed: every step is one that the
 * command would have taken, and takes nothing back.
 */
@Injectable()
export class Registrar {
  readonly name = registrarName;

  constructor(private readonly registry: Registry) {}

  /** Outcomes don't: they follow what has ended a channel already. */
  concerns({ type }: DomainEvent): boolean {
    return type.startsWith('Channel') || type === 'ConnectAbandoned';
  }

  /** Applies events within the transaction that also moves the checkpoint. */
  async apply(manager: EntityManager, batch: readonly RecordedEvent[]): Promise<void> {
    for (const recorded of batch) await this.repair(manager, recorded);
  }

  private async repair(manager: EntityManager, { event }: RecordedEvent): Promise<void> {
    switch (event.type) {
      case 'ChannelConnected':
        // Gone after an older backup was restored: the account would be free for a second channel.
        await this.registry.restore(manager, event.data);
        return this.registry.goLive(manager, event.data.channelId);
      case 'ChannelReauthorized': {
        const { channelId, grantRef, reauthorizedAt } = event.data;
        return this.registry.regrant(manager, channelId, grantRef, reauthorizedAt);
      }
      case 'ChannelDisconnected': {
        const { channelId, requestedAt } = event.data;
        await this.registry.recordEnding(manager, channelId, 'disconnected', requestedAt);
        return this.registry.endWithoutWaiting(manager, channelId);
      }
      case 'ConnectAbandoned': {
        const { channelId, abandonedAt } = event.data;
        await this.registry.recordEnding(manager, channelId, 'abandoned', abandonedAt);
        return this.registry.endWithoutWaiting(manager, channelId);
      }
      case 'ChannelTokenRefreshed':
      case 'ChannelTokenRefreshFailed':
      case 'ChannelAccessRevoked':
      case 'EffectFinished':
      case 'EffectParked':
      case 'DisconnectionOverdue':
      case 'DisconnectionCompleted':
        return;
      default:
        return assertNever(event);
    }
  }
}
