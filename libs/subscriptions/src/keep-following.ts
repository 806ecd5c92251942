import { backOff } from '@app/config';
import type { EventBatch } from '@app/event-store';
import { subscribeToEvents, UnknownEventType } from '@app/event-store';
import type { Term } from '@app/leadership';
import { TermLost } from '@app/leadership';
import type { Checkpoint } from '@app/persistence';
import { NotFollowed } from './event-handler';
import type { Subscriber } from './following';
import { Following } from './following';
import { eventsHandled, handlerRestarts, subscriptionDrops } from './handler-metrics';
import { resumeFrom, UnknownCheckpoint } from './resume';

/** Who follows the event store, and what becomes of the events. */
export interface Follower extends Subscriber {
  readonly term: Term;
  /** Events at a time. */
  readonly maxBatch: number;
  readonly retryCapMs: number;
  /** Deals with a batch, and saves the checkpoint that it leads to: whatever comes first. */
  readonly deal: (batch: EventBatch, previous: Checkpoint | null) => Promise<Checkpoint>;
}

/** What no other try mends. */
const final = [UnknownEventType, UnknownCheckpoint, NotFollowed, TermLost];

/**
 * Follows the event store from the checkpoint on until the term ends. After a drop or any other failure
 * it starts again from the checkpoint, behind which everything is done.
 *
 * @throws UnknownEventType, from `deal` or at reading: an event is never skipped
 * @throws UnknownCheckpoint: the event store isn't the one that the checkpoint was made of
 * @throws NotFollowed, TermLost, from `deal`
 */
export async function keepFollowing(follower: Follower): Promise<void> {
  const { name, term, retryCapMs } = follower;
  const following = new Following(name);
  try {
    for (let failures = 0; !term.signal.aborted; failures++) {
      try {
        await follow(follower, following, () => (failures = 0));
      } catch (error) {
        if (final.some((type) => error instanceof type)) throw error;
        if (term.signal.aborted) return;
        handlerRestarts.inc({ handler: name });
        following.failed(error);
        await backOff(failures, { retryCapMs, signal: term.signal });
      }
    }
  } finally {
    following.ended();
  }
}

async function follow(
  { name, events, checkpoints, term, maxBatch, retryCapMs, deal }: Follower,
  following: Following,
  onProgress: () => void,
): Promise<void> {
  let checkpoint = await resumeFrom({ name, events, checkpoints });
  const dropped = new AbortController();
  const batches = subscribeToEvents(events, {
    // From its event and not from its place: a store that was restored may have lost what others had
    // appended in between, and would hand out nothing of ours before it has come so far again.
    after: checkpoint?.event?.position ?? null,
    maxBatch,
    retryCapMs,
    signal: AbortSignal.any([term.signal, dropped.signal]),
    onConfirmed: () => following.confirmed(),
    // Begun anew, with the look at the store: it may have been restored while it was away.
    onDrop: (reason) => {
      subscriptionDrops.inc({ handler: name });
      dropped.abort(reason);
    },
  });
  for await (const batch of batches) {
    const previous = checkpoint;
    checkpoint = await following.deal(() => deal(batch, previous));
    eventsHandled.inc({ handler: name }, batch.events.length);
    onProgress();
  }
  dropped.signal.throwIfAborted();
}
