import type { DataSource } from 'typeorm';
import type { EventStore } from '@app/event-store';
import { runAsLeader } from '@app/leadership';
import type { CheckpointStore } from '@app/persistence';
import type { EventHandler } from '@app/subscriptions';
import { asSubscriber, runHandler } from '@app/subscriptions';

/** What every handler of the projector runs with. */
export interface HandlerOptions {
  readonly events: EventStore;
  readonly dataSource: DataSource;
  readonly checkpoints: CheckpointStore;
  readonly termMs: number;
  readonly retryCapMs: number;
  /** See `runHandler`. */
  readonly stallAfterMs: number;
  readonly signal: AbortSignal;
}

/** Runs one handler for as long as this process leads it; stands by otherwise. */
export async function keepHandler(handler: EventHandler, options: HandlerOptions): Promise<void> {
  const { dataSource, termMs, signal } = options;
  await asSubscriber({ ...options, name: handler.name }, () =>
    runAsLeader({ name: `projector:${handler.name}`, dataSource, termMs, signal }, (term) =>
      runHandler({ ...options, handler, term }),
    ),
  );
}
