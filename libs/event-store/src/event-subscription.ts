import type { Patience } from '@app/config';
import { backOff } from '@app/config';
import type { EventBatch } from './event-batch';
import { batchesOf } from './event-batch';
import type { EventStore } from './event-store';
import { UnknownEventType } from './event-store.errors';
import { ReadCall } from './reading/read-call';
import type { Position } from './recorded-event';

/**
 * Milliseconds until a subscription is confirmed at the latest. From then on silence is normal, and
 * pings find a dead connection: after 20 s, unless the connection string says otherwise.
 */
const confirmedWithinMs = 10_000;

export interface EventSubscriptionOptions extends Patience {
  /** Where the subscriber has come to; null for the beginning. */
  readonly after: Position | null;
  /** Events in a batch at most. */
  readonly maxBatch: number;
  /** Told each time that the store has confirmed the subscription. */
  readonly onConfirmed?: () => void;
  /** Told of every drop, before the next try. */
  readonly onDrop: (reason: unknown) => void;
}

/**
 * Our events of `$all` from a position on, in order, in batches of what has arrived, until the
 * signal. It resubscribes for ever, with jitter, after what it handed out last: a subscription that
 * the server ends looks like a normal end.
 *
 * @throws UnknownEventType: a subscriber must stop rather than skip
 */
export async function* subscribeToEvents(
  store: EventStore,
  options: EventSubscriptionOptions,
): AsyncGenerator<EventBatch, void> {
  let { after } = options;
  for (let failures = 0; !options.signal.aborted; failures++) {
    try {
      for await (const batch of subscribeOnce(store, after, options)) {
        failures = 0;
        yield batch;
        after = batch.upTo;
      }
      throw new Error('the server ended the subscription');
    } catch (error) {
      if (options.signal.aborted) return;
      if (error instanceof UnknownEventType) throw error;
      options.onDrop(error);
    }
    await backOff(failures, options);
  }
}

async function* subscribeOnce(
  store: EventStore,
  from: Position | null,
  { maxBatch, signal, onConfirmed }: EventSubscriptionOptions,
): AsyncGenerator<EventBatch, void> {
  const read = { from: from ?? 'start', onlyOurs: true, count: 'subscription' } as const;
  const options = { maxWaiting: maxBatch, requiresLeader: false, signal };
  const call = new ReadCall(store.following, read, options);
  try {
    let after = from;
    let answers = await call.next(confirmedWithinMs);
    if (answers) onConfirmed?.();
    for (; answers; answers = await call.next()) {
      for (const batch of batchesOf(answers, after)) {
        yield batch;
        after = batch.upTo;
      }
    }
  } finally {
    call.close();
  }
}
