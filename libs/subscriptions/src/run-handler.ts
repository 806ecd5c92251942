import type { DataSource } from 'typeorm';
import { failpoint, unlessStalled } from '@app/config';
import type { EventBatch, EventStore, RecordedEvent } from '@app/event-store';
import { eventFields, isRoutine } from '@app/event-store';
import type { Term } from '@app/leadership';
import { linesOf, untilDone } from '@app/observability';
import type { Checkpoint, CheckpointStore } from '@app/persistence';
import { checkpointProgress } from './checkpoint-progress';
import type { EventHandler } from './event-handler';
import { startHandlerSpans } from './handler-spans';
import type { Follower } from './keep-following';
import { keepFollowing } from './keep-following';
import { advanced } from './resume';

const say = linesOf('subscriptions');

/** Events in one transaction at most: enough to be fast, few enough to be redone after a crash. */
const maxBatch = 200;

export interface HandlerRun {
  readonly handler: EventHandler;
  readonly term: Term;
  readonly events: EventStore;
  readonly dataSource: DataSource;
  readonly checkpoints: CheckpointStore;
  readonly retryCapMs: number;
  /** Milliseconds without a move before it counts as a stall. */
  readonly stallAfterMs: number;
}

/**
 * Keeps one handler up with the event store until the term ends. When the database goes away it
 * starts again from the checkpoint, which is where the rows are.
 *
 * @throws UnknownEventType: skipping an event would make the rows wrong for ever
 * @throws UnknownCheckpoint: the event store isn't the one that the rows were made of
 * @throws NotFollowed, from the handler
 * @throws Stalled: events wait, both stores answer, and the checkpoint doesn't move
 * @throws TermLost
 */
export function runHandler(run: HandlerRun): Promise<void> {
  const { handler, term, stallAfterMs } = run;
  const { name } = handler;
  const deal: Follower['deal'] = (batch, previous) => applyBatch(run, batch, previous);
  return unlessStalled(keepFollowing({ ...run, name, maxBatch, deal }), {
    name: `handler ${name}`,
    stallAfterMs,
    observe: () => checkpointProgress({ ...run, name }),
    signal: term.signal,
  });
}

/** Rows and position together or not at all, and only while nobody else leads. */
async function applyBatch(
  { handler, dataSource, checkpoints, term }: HandlerRun,
  batch: EventBatch,
  previous: Checkpoint | null,
): Promise<Checkpoint> {
  const next = advanced(previous, batch);
  await untilDone(startHandlerSpans(handler, batch.events), () =>
    dataSource.transaction(async (manager) => {
      await term.assertHeld(manager);
      await handler.apply(manager, batch.events);
      await checkpoints.save(manager, handler.name, previous, next);
      failpoint('handler:applied', handler.name);
    }),
  );
  failpoint('handler:committed', handler.name);
  tellApplied(handler, batch.events);
  return next;
}

/** What a handler has committed, event by event: whoever looks for a channel finds it. */
function tellApplied(handler: EventHandler, events: readonly RecordedEvent[]): void {
  for (const recorded of events) {
    const { event } = recorded;
    if (handler.concerns?.(event) === false) continue;
    // The outcome of a single effect was told where it came about, and where it was recorded.
    const isMinor = isRoutine(event) || event.type === 'EffectFinished';
    const fields = { ...eventFields(recorded), subscriber: handler.name };
    say(isMinor ? 'routine event applied' : 'event applied', fields);
  }
}
