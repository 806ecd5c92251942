import type { Progress } from '@app/config';
import type { EventStore } from '@app/event-store';
import { hasReached } from '@app/event-store';
import type { CheckpointStore } from '@app/persistence';

/**
 * How far a subscriber has come, by its checkpoint and by the last event of ours: what the event store
 * keeps there for itself is nothing that anybody waits for.
 *
 * @throws when one of both stores doesn't answer
 */
export async function checkpointProgress({
  name,
  events,
  checkpoints,
}: {
  readonly name: string;
  readonly events: EventStore;
  readonly checkpoints: CheckpointStore;
}): Promise<Progress[]> {
  // The checkpoint first: what is appended in between only looks as if it waited.
  const checkpoint = await checkpoints.load(name);
  const last = await events.lastPosition();
  const at = checkpoint?.position.commit ?? -1n;
  const waiting = last !== null && !(checkpoint && hasReached(checkpoint.position, last));
  return [{ place: '$all', at: String(at), waiting }];
}
