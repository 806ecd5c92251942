import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import { Settings } from '@app/config';
import type { DomainEvent } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';
import { EventStore } from '@app/event-store';
import { runAsLeader } from '@app/leadership';
import { CheckpointStore } from '@app/persistence';
import type { EventHandler } from '@app/subscriptions';
import { asSubscriber, runHandler } from '@app/subscriptions';
import { beginWatch } from './watches';

/** Of its checkpoint and of its leadership. */
export const reconcilerName = 'reconciler';

/**
 * Reads the event store beside Kafka, and has every disconnect looked after: whatever is lost above
 * (a topic, offsets, a database that was restored with this checkpoint in it) is found here. The
 * first look comes a while after the event, so that what is merely under way is left alone.
 */
@Injectable()
export class Reconciler implements EventHandler {
  readonly name = reconcilerName;

  constructor(
    private readonly dataSource: DataSource,
    private readonly events: EventStore,
    private readonly settings: Settings,
  ) {}

  /** While this process leads it follows the event store, until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { dataSource, events } = this;
    const { leadershipTermMs: termMs, retryCapMs, stallAfterMs } = this.settings;
    const checkpoints = new CheckpointStore(dataSource);
    const shared = { events, dataSource, checkpoints, retryCapMs, stallAfterMs };
    await asSubscriber({ ...shared, name: this.name }, () =>
      runAsLeader({ name: this.name, dataSource, termMs, signal }, (term) =>
        runHandler({ ...shared, handler: this, term }),
      ),
    );
  }

  concerns({ type }: DomainEvent): boolean {
    return type === 'ChannelDisconnected';
  }

  async apply(manager: EntityManager, batch: readonly RecordedEvent[]): Promise<void> {
    for (const { event } of batch) {
      if (event.type !== 'ChannelDisconnected') continue;
      await beginWatch(manager, event.data, this.settings.reconcileAfterMs);
    }
  }
}
