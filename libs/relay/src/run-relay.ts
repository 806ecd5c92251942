import type { DataSource } from 'typeorm';
import type { Progress } from '@app/config';
import { backOff, failpoint, unlessStalled } from '@app/config';
import type { EventBatch, EventStore } from '@app/event-store';
import { subscribeToEvents, UnknownEventType } from '@app/event-store';
import type { MessagePublisher } from '@app/kafka';
import type { Term } from '@app/leadership';
import { runAsLeader, TermLost } from '@app/leadership';
import { linesOf, untilDone } from '@app/observability';
import type { Checkpoint, CheckpointStore } from '@app/persistence';
import {
  advanced,
  asSubscriber,
  checkpointProgress,
  eventsHandled,
  Following,
  handlerRestarts,
  resumeFrom,
  subscriptionDrops,
  UnknownCheckpoint,
} from '@app/subscriptions';
import { outgoingOf } from './outgoing-messages';
import { unlessAborted } from './unless-aborted';

const say = linesOf('relay');

/** Of its checkpoint and of its leadership. */
export const relayName = 'relay';
/**
 * Milliseconds that a send under way has when this process is told to stop, a fraction of the term that
 * nobody renews any more: the batch is put behind it, or the next leader would send it once more.
 */
const finishWithinMs = (termMs: number): number => Math.min(termMs / 2, 1_000);
/** Events in one send at most: enough to be fast, few enough to be repeated after a crash. */
const maxBatch = 500;

export interface RelayOptions {
  readonly events: EventStore;
  readonly publisher: MessagePublisher;
  readonly dataSource: DataSource;
  readonly checkpoints: CheckpointStore;
  readonly termMs: number;
  readonly retryCapMs: number;
  /** Milliseconds without a move before it counts as a stall. */
  readonly stallAfterMs: number;
  /** Rejects while Kafka doesn't answer: then nothing is a stall. */
  readonly probeKafka: () => Promise<unknown>;
  readonly signal: AbortSignal;
}

/**
 * Sends to Kafka what the event store has recorded, in its order, while this process leads; stands
 * by otherwise. The checkpoint is saved only after the broker's ack: a crash repeats messages,
 * never loses one. Waits for every engine that is away; returns when the signal is aborted.
 *
 * @throws UnknownEventType: skipping an event would lose its message for ever
 * @throws UnknownCheckpoint: the event store isn't the one that was relayed from
 * @throws Stalled: events wait, every engine answers, and the checkpoint doesn't move
 */
export async function runRelay(options: RelayOptions): Promise<void> {
  const { dataSource, termMs, signal } = options;
  await asSubscriber({ ...options, name: relayName }, () =>
    runAsLeader({ name: relayName, dataSource, termMs, signal }, (term) =>
      unlessStalled(lead(options, term), {
        name: relayName,
        stallAfterMs: options.stallAfterMs,
        observe: () => observe(options),
        signal: term.signal,
      }),
    ),
  );
}

async function observe({ probeKafka, ...stores }: RelayOptions): Promise<Progress[]> {
  const progress = await checkpointProgress({ ...stores, name: relayName });
  if (progress.some(({ waiting }) => waiting)) await probeKafka();
  return progress;
}

/** What no other try mends. */
const final = [UnknownEventType, UnknownCheckpoint, TermLost];

/** After any failure it starts again from the checkpoint: what was acknowledged is behind it. */
async function lead(options: RelayOptions, term: Term): Promise<void> {
  const following = new Following(relayName);
  for (let failures = 0; !term.signal.aborted; failures++) {
    try {
      await follow(options, term, following, () => (failures = 0));
    } catch (error) {
      if (final.some((type) => error instanceof type)) throw error;
      if (term.signal.aborted) return;
      handlerRestarts.inc({ handler: relayName });
      following.failed(error);
      await backOff(failures, { retryCapMs: options.retryCapMs, signal: term.signal });
    }
  }
  following.ended();
}

async function follow(
  options: RelayOptions,
  term: Term,
  following: Following,
  onProgress: () => void,
): Promise<void> {
  let checkpoint = await resumeFrom({ ...options, name: relayName });
  const dropped = new AbortController();
  const batches = subscribeToEvents(options.events, {
    after: checkpoint?.position ?? null,
    maxBatch,
    retryCapMs: options.retryCapMs,
    signal: AbortSignal.any([term.signal, dropped.signal]),
    onConfirmed: () => following.confirmed(),
    // Begun anew, with the look at the store: it may have been restored while it was away.
    onDrop: (reason) => {
      subscriptionDrops.inc({ handler: relayName });
      dropped.abort(reason);
    },
  });
  for await (const batch of batches) {
    const before = checkpoint;
    checkpoint = await following.deal(() => relayBatch(options, term, batch, before));
    onProgress();
  }
  dropped.signal.throwIfAborted();
}

/** A rival that leads by now is noticed before the send, and again with the checkpoint. */
async function relayBatch(
  { dataSource, publisher, checkpoints, termMs }: RelayOptions,
  term: Term,
  batch: EventBatch,
  previous: Checkpoint | null,
): Promise<Checkpoint> {
  const next = advanced(previous, batch);
  await term.assertHeld(dataSource.manager);
  failpoint('relay:read');
  const { messages, spans } = outgoingOf(batch.events);
  if (messages.length > 0) {
    const patience = { signal: term.signal, graceMs: finishWithinMs(termMs) };
    const outgoing = messages.map(({ message }) => message);
    await untilDone(spans, () => unlessAborted(patience, publisher.publish(outgoing)));
  }
  failpoint('relay:sent');
  await dataSource.transaction(async (manager) => {
    await term.assertHeld(manager);
    await checkpoints.save(manager, relayName, previous, next);
  });
  eventsHandled.inc({ handler: relayName }, batch.events.length);
  failpoint('relay:saved');
  for (const { fields } of messages) say('message published', fields);
  return next;
}
