import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { backOff, failpoint, unlessStalled } from '@app/config';
import type { EventStore, RecordedEvent } from '@app/event-store';
import { subscribeToEvents, UnknownEventType } from '@app/event-store';
import type { Term } from '@app/leadership';
import { TermLost } from '@app/leadership';
import type { CheckpointStore } from '@app/persistence';
import { checkpointProgress } from './checkpoint-progress';
import type { EventHandler } from './event-handler';

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
 * @throws Stalled: events wait, both stores answer, and the checkpoint doesn't move
 * @throws TermLost
 */
export function runHandler(run: HandlerRun): Promise<void> {
  const { handler, term, stallAfterMs } = run;
  return unlessStalled(keepUp(run), {
    name: `handler ${handler.name}`,
    stallAfterMs,
    observe: () => checkpointProgress({ ...run, name: handler.name }),
    signal: term.signal,
  });
}

async function keepUp(run: HandlerRun): Promise<void> {
  const logger = new Logger(run.handler.name);
  for (let failures = 0; !run.term.signal.aborted; failures++) {
    try {
      await follow(run, logger, () => (failures = 0));
    } catch (error) {
      if (error instanceof UnknownEventType || error instanceof TermLost) throw error;
      if (run.term.signal.aborted) return;
      logger.warn({ err: error }, 'starting again from the checkpoint');
      await backOff(failures, { retryCapMs: run.retryCapMs, signal: run.term.signal });
    }
  }
}

async function follow(run: HandlerRun, logger: Logger, onProgress: () => void): Promise<void> {
  const { handler, checkpoints, events, term } = run;
  let checkpoint = await checkpoints.load(handler.name);
  const batches = subscribeToEvents(events, {
    after: checkpoint?.position ?? null,
    maxBatch,
    retryCapMs: run.retryCapMs,
    signal: term.signal,
    onDrop: (reason) => logger.warn({ err: reason }, 'subscription dropped'),
  });
  for await (const { events: batch } of batches) {
    if (batch.length > 0) checkpoint = await applyBatch(run, batch, checkpoint);
    onProgress();
  }
}

/** Rows and position together or not at all, and only while nobody else leads. */
async function applyBatch(
  { handler, dataSource, checkpoints, term }: HandlerRun,
  batch: readonly RecordedEvent[],
  previous: Awaited<ReturnType<CheckpointStore['load']>>,
) {
  const last = batch[batch.length - 1]!;
  const next = { position: last.position, eventId: last.id };
  await dataSource.transaction(async (manager) => {
    await term.assertHeld(manager);
    for (const recorded of batch) await handler.apply(manager, recorded);
    await checkpoints.save(manager, handler.name, previous, next);
    failpoint('handler:applied', handler.name);
  });
  failpoint('handler:committed', handler.name);
  return next;
}
