import { once } from 'node:events';
import type { AllStreamSubscription, Position } from '@eventstore/db-client';
import type { ModelEvent } from './model';
import type { RealStore } from './real-store';

/** A subscriber to all that lives through a whole history, and goes on after a restart. */
export class Follower {
  readonly told: ModelEvent[] = [];
  private subscription: AllStreamSubscription | undefined;
  private last: Position | undefined;

  constructor(private readonly store: RealStore) {}

  /** Goes on after the last event that it was told. */
  async start(): Promise<void> {
    this.subscription = this.store.follow(this.last);
    this.subscription.on('data', ({ event }) => {
      this.told.push(this.store.inWordsOfTheModel(event!));
      this.last = event!.position;
    });
    await once(this.subscription, 'caughtUp');
  }

  /** Settles when it was told so many events. */
  async caughtUpWith(count: number): Promise<void> {
    while (this.told.length < count) await once(this.subscription!, 'data');
  }

  async stop(): Promise<void> {
    await this.subscription?.unsubscribe();
  }
}
