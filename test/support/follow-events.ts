import type { EventStore, Position, RecordedEvent } from '@app/event-store';
import { subscribeToEvents } from '@app/event-store';

export interface FollowOptions {
  /** Null for the beginning. */
  readonly after?: Position | null;
  readonly maxBatch?: number;
  /** Awaited after each batch: how slow this subscriber is. */
  readonly digest?: () => Promise<unknown>;
  readonly onDrop?: (reason: unknown) => void;
}

/** A subscriber that collects all it gets, until it is stopped. */
export function followEvents(store: EventStore, options: FollowOptions = {}) {
  const ending = new AbortController();
  const seen: RecordedEvent[] = [];
  /** Of each batch: how many events, and up to where. */
  const batches: { readonly size: number; readonly upTo: Position }[] = [];
  const drops: unknown[] = [];
  const running = (async () => {
    const subscription = {
      ...{ after: null, maxBatch: 10, retryCapMs: 50, ...options },
      signal: ending.signal,
      onDrop: (reason: unknown) => {
        drops.push(reason);
        options.onDrop?.(reason);
      },
    };
    for await (const { events, upTo } of subscribeToEvents(store, subscription)) {
      seen.push(...events);
      batches.push({ size: events.length, upTo });
      await options.digest?.();
    }
  })();
  const stop = async (): Promise<void> => {
    ending.abort();
    await running;
  };
  return { seen, batches, drops, running, stop };
}
