import type { DataSource } from 'typeorm';
import type { Progress } from '@app/config';
import { failpoint, unlessStalled } from '@app/config';
import type { EventBatch, EventStore } from '@app/event-store';
import type { MessagePublisher } from '@app/kafka';
import type { Term } from '@app/leadership';
import { runAsLeader } from '@app/leadership';
import { linesOf, untilDone } from '@app/observability';
import type { Checkpoint, CheckpointStore } from '@app/persistence';
import type { Follower } from '@app/subscriptions';
import { advanced, asSubscriber, checkpointProgress, keepFollowing } from '@app/subscriptions';
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

function lead(options: RelayOptions, term: Term): Promise<void> {
  const deal: Follower['deal'] = (batch, previous) => relayBatch(options, term, batch, previous);
  return keepFollowing({ ...options, name: relayName, term, maxBatch, deal });
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
  failpoint('relay:saved');
  for (const { fields } of messages) say('message published', fields);
  return next;
}
