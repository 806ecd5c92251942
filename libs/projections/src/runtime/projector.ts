import type { EventHandler } from '@app/subscriptions';
import { followGenerations } from './follow-generations';
import type { HandlerOptions } from './keep-handler';
import { keepHandler } from './keep-handler';
import type { Projection } from './projection';

export interface ProjectorOptions extends HandlerOptions {
  readonly projections: readonly Projection<object>[];
  /** What follows the event store beside them, and is never replayed. */
  readonly handlers: readonly EventHandler[];
}

/**
 * Runs every handler side by side, each with its own checkpoint and its own term: where this process
 * doesn't lead, it stands by. A term for all of them would be starved: their transactions hold it
 * in turns, and its renewal would never get in between. Returns when the signal is aborted.
 *
 * @throws UnknownEventType, UnknownCheckpoint, Stalled
 */
export async function runProjector(options: ProjectorOptions): Promise<void> {
  const { projections, handlers, ...shared } = options;
  await allOrNone(options.signal, (signal) => [
    ...handlers.map((handler) => keepHandler(handler, { ...shared, signal })),
    ...projections.map((projection) => followGenerations(projection, { ...shared, signal })),
  ]);
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
