import type { AllStreamSubscription, ResolvedEvent } from '@eventstore/db-client';
import { START, streamNameFilter } from '@eventstore/db-client';
import type { Patience } from '@app/config';
import { backOff } from '@app/config';
import { decodeEvent } from './event-codec';
import type { EventStore } from './event-store';
import { UnknownEventType } from './event-store.errors';
import type { Position, RecordedEvent } from './recorded-event';
import { channelStreamPrefix, disconnectionStreamPrefix } from './streams';

export interface EventSubscriptionOptions extends Patience {
  /** Where the subscriber has come to; null for the beginning. */
  readonly after: Position | null;
  /** Events in a batch at most. */
  readonly maxBatch: number;
  /** Told of every drop, before the next try. */
  readonly onDrop: (reason: unknown) => void;
}

/**
 * Our events of `$all` from a position on, in order, in batches of what has arrived, until the
 * signal. It resubscribes for ever, with jitter, after the last event that it handed out: the
 * client never does, and a subscription that the server ends looks like a normal end.
 *
 * @throws UnknownEventType: a subscriber must stop rather than skip
 */
export async function* subscribeToEvents(
  store: EventStore,
  options: EventSubscriptionOptions,
): AsyncGenerator<RecordedEvent[], void> {
  let { after } = options;
  for (let failures = 0; !options.signal.aborted; failures++) {
    try {
      for await (const batch of subscribeOnce(store, after, options)) {
        failures = 0;
        yield batch;
        after = batch[batch.length - 1]!.position;
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
  after: Position | null,
  { maxBatch, signal }: EventSubscriptionOptions,
): AsyncGenerator<RecordedEvent[], void> {
  const subscription = store.client.subscribeToAll(
    {
      fromPosition: after ?? START,
      filter: streamNameFilter({ prefixes: [channelStreamPrefix, disconnectionStreamPrefix] }),
    },
    { highWaterMark: maxBatch },
  );
  const arrivals = arrivalsOf(subscription, signal);
  try {
    while (await arrivals.next()) {
      const batch: RecordedEvent[] = [];
      let resolved: ResolvedEvent | null;
      while (batch.length < maxBatch && (resolved = subscription.read() as ResolvedEvent | null)) {
        batch.push(decodeEvent(resolved));
      }
      if (batch.length > 0) yield batch;
    }
  } finally {
    arrivals.close();
    // Rejects when the call never came about; there is nothing to unsubscribe from then.
    await subscription.unsubscribe().catch(() => undefined);
    subscription.destroy();
  }
}

/**
 * Waits for a stream to have something to read. One listener of each kind for its whole life, so
 * that an error between two waits is never unhandled.
 */
function arrivalsOf(stream: AllStreamSubscription, signal: AbortSignal) {
  let wake = (): void => undefined;
  let ended = false;
  let failure: Error | undefined;
  const end = (error?: Error): void => {
    ended = true;
    failure ??= error;
    wake();
  };
  const abort = (): void => end();
  stream.on('readable', () => wake());
  stream.on('end', abort);
  stream.on('close', abort);
  stream.on('error', end);
  signal.addEventListener('abort', abort);

  return {
    /** Whether there is something to read; false at the end, and throws what broke the stream. */
    async next(): Promise<boolean> {
      while (!ended && stream.readableLength === 0) {
        await new Promise<void>((resolve) => (wake = resolve));
      }
      if (failure) throw failure;
      return !signal.aborted && (!ended || stream.readableLength > 0);
    },
    close(): void {
      signal.removeEventListener('abort', abort);
    },
  };
}
