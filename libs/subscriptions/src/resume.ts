import type { EventBatch, EventStore, RecordedPlace } from '@app/event-store';
import type { AppliedEvent, Checkpoint, CheckpointStore } from '@app/persistence';

/**
 * The event store has no such event where the checkpoint says that it stands: what was made of its
 * events belongs to another history. Going on would mix two.
 */
export class UnknownCheckpoint extends Error {
  constructor(name: string, { id, position }: AppliedEvent) {
    super(
      `The checkpoint ${name} stands on the event ${id} at ${position.commit} of $all, which this event ` +
        'store does not have: it was restored from a backup, or EVENTSTORE_URL names another one. Point ' +
        'EVENTSTORE_URL to the right one; if this is the right one, see "A restored event store" in ' +
        'docs/operating.md',
    );
    this.name = 'UnknownCheckpoint';
  }
}

/**
 * Where a subscriber goes on, once the event store has shown that it is the one that it came from;
 * null for the beginning.
 *
 * @throws UnknownCheckpoint, EventStoreUnavailable
 */
export async function resumeFrom({
  name,
  events,
  checkpoints,
}: {
  readonly name: string;
  readonly events: EventStore;
  readonly checkpoints: CheckpointStore;
}): Promise<Checkpoint | null> {
  const checkpoint = await checkpoints.load(name);
  const last = checkpoint?.event;
  if (last && !(await events.knows(last.position, last.id))) {
    throw new UnknownCheckpoint(name, last);
  }
  return checkpoint;
}

/** The checkpoint after a batch; the event that it stands on stays when nothing of ours came. */
export function advanced(previous: Checkpoint | null, { events, upTo }: EventBatch): Checkpoint {
  const last = events.at(-1);
  return {
    position: upTo,
    event: last ? appliedEvent(last) : (previous?.event ?? null),
  };
}

/** What a checkpoint remembers of an event. */
export function appliedEvent({ id, position, recordedAt }: RecordedPlace): AppliedEvent {
  return { id, position, recordedAt };
}
