import type { DataSource } from 'typeorm';
import type { EventStore } from '@app/event-store';
import { runAsLeader } from '@app/leadership';
import type { CheckpointStore } from '@app/persistence';
import type { EventHandler } from './event-handler';
import { runHandler } from './run-handler';

export interface ProjectorOptions {
  readonly handlers: readonly EventHandler[];
  readonly events: EventStore;
  readonly dataSource: DataSource;
  readonly checkpoints: CheckpointStore;
  readonly termMs: number;
  readonly retryCapMs: number;
  readonly signal: AbortSignal;
}

/**
 * Runs every handler side by side, each with its own checkpoint, while this process leads; stands
 * by otherwise. Returns when the signal is aborted.
 *
 * @throws UnknownEventType
 */
export async function runProjector(options: ProjectorOptions): Promise<void> {
  const { dataSource, termMs, signal } = options;
  await runAsLeader({ name: 'projector', dataSource, termMs, signal }, (term) =>
    allOrNone(term.signal, (linked) =>
      options.handlers.map((handler) =>
        runHandler({ ...options, handler, term: { ...term, signal: linked } }),
      ),
    ),
  );
}

/** Runs all until the first fails, then stops and awaits the others: none may outlive the term. */
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
