import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ChannelConnected, DomainEvent } from '@app/domain';
import { assertNever } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';
import { linesOf } from '@app/observability';
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
  private readonly say = linesOf(Registrar.name);

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
        return this.connect(manager, event.data);
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

  /**
   * A claim that is gone after an older backup was restored comes back: the account would be free for a
   * second channel, and its grant would be withdrawn with the one before it.
   *
   * @throws the lock's timeout while a writer keeps the one before it: the batch comes again
   */
  private async connect(manager: EntityManager, claim: ChannelConnected['data']): Promise<void> {
    const { channelId } = claim;
    const holder = await this.registry.restore(manager, claim);
    if (!holder) return this.registry.goLive(manager, channelId);
    const others = [holder.channelId];
    this.say('two channels are connected to one account: disconnect this one', {
      channelId,
      others,
    });
  }
}
