import type { EntityManager } from 'typeorm';
import { lastEventBefore } from '@app/event-store';
import type { Subscriber } from './following';
import { appliedEvent, resumeFrom, UnknownCheckpoint } from './resume';

/** Milliseconds that the clocks of two nodes of the event store surely don't differ by. */
const marginMs = 60 * 60 * 1_000;

/**
 * Takes a subscriber back to what its checkpoint and an event store that was restored have in common,
 * and an hour further. What the store took before the event that the checkpoint stands on was dealt with
 * up to there; what it took after that time was appended since it was restored, and is still to come.
 * Only for subscribers to which a repeated event does nothing, or nothing that isn't known to repeat.
 *
 * @param since.recordedAgain how the correlation ids begin of what was written back since: by the clock of
 *   another machine it can seem to be older than the checkpoint's event
 * @param since.margin milliseconds further back
 * @returns false when the store knows that event: the checkpoint stays
 * @throws CheckpointMoved, EventStoreUnavailable
 */
export async function stepBack(
  manager: EntityManager,
  { name, events, checkpoints }: Subscriber,
  {
    recordedAgain,
    margin = marginMs,
  }: { readonly recordedAgain: string; readonly margin?: number },
): Promise<boolean> {
  try {
    await resumeFrom({ name, events, checkpoints });
    return false;
  } catch (error) {
    if (!(error instanceof UnknownCheckpoint)) throw error;
  }
  const checkpoint = (await checkpoints.load(name, manager))!;
  const before = new Date(checkpoint.event!.recordedAt.getTime() - margin);
  const common = await lastEventBefore(events, before, recordedAgain);
  if (common) {
    const event = appliedEvent(common);
    await checkpoints.save(manager, name, checkpoint, { position: event.position, event });
  } else {
    await checkpoints.forget(manager, name, checkpoint);
  }
  return true;
}
