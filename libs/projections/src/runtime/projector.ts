import type { DataSource } from 'typeorm';
import type { EventStore } from '@app/event-store';
import { runAsLeader } from '@app/leadership';
import type { CheckpointStore } from '@app/persistence';
import type { EventHandler } from '@app/subscriptions';
import { runHandler } from '@app/subscriptions';

export interface ProjectorOptions {
  readonly handlers: readonly EventHandler[];
  readonly events: EventStore;
  readonly dataSource: DataSource;
  readonly checkpoints: CheckpointStore;
  readonly termMs: number;
  readonly retryCapMs: number;
  /** See `runHandler`. */
  readonly stallAfterMs: number;
  readonly signal: AbortSignal;
}

/**
 * Runs every handler side by side, each with its own checkpoint and its own term: where this process
 * doesn't lead, it stands by. A term for all of them would be starved: their transactions hold it
 * in turns, and its renewal would never get in between. Returns when the signal is aborted.
 *
 * @throws UnknownEventType
 */
export async function runProjector(options: ProjectorOptions): Promise<void> {
  const { dataSource, termMs } = options;
  await allOrNone(options.signal, (signal) =>
    options.handlers.map((handler) =>
      runAsLeader({ name: `projector:${handler.name}`, dataSource, termMs, signal }, (term) =>
        runHandler({ ...options, handler, term }),
      ),
    ),
  );
}

/** Runs all until the first fails, then stops and awaits the others. */
async function allOrNone(
  signal: AbortSignal,
  start: (linked: AbortSignal) => Promise<void>[],
): Promise<void> {
  const failed = new AbortController();
  const running = start(AbortSignal.any([signal, failed.signal]));
  try {
    await Promise.all(running);
  } finally {
    failed.abort();
    await Promise.allSettled(running);
  }
}
