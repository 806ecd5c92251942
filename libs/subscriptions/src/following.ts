import type { EventStore } from '@app/event-store';
import { linesOf, Outage, workBoard } from '@app/observability';
import type { CheckpointStore } from '@app/persistence';
import { lagOf } from './lag';

/** Milliseconds that the events may be counted for whoever asks after the lag. */
const countForMs = 300;

export interface Subscriber {
  /** Of its checkpoint. */
  readonly name: string;
  readonly events: EventStore;
  readonly checkpoints: CheckpointStore;
}

/**
 * Puts a subscriber on the board of what this process is about, with its lag, for as long as the work
 * goes on: also while another process leads and this one only would.
 */
export async function asSubscriber<T>(
  { name, events, checkpoints }: Subscriber,
  work: () => Promise<T>,
): Promise<T> {
  const part = workBoard.of('subscriptions', name);
  part.become('standing by');
  part.measuredBy(async () => lagOf(events, await checkpoints.load(name), countForMs));
  try {
    return await work();
  } finally {
    workBoard.remove(part);
  }
}

/** What becomes of a subscription, for the board at each change and for the log once an outage. */
export class Following {
  private readonly say = linesOf('subscriptions');
  private readonly part;
  private readonly outage;
  /** A batch is being dealt with, or was when it failed: then only a batch shows that it goes on. */
  private isDealing = false;

  constructor(subscriber: string) {
    this.part = workBoard.of('subscriptions', subscriber);
    this.part.become('connecting');
    this.outage = new Outage(
      (err) => this.say('subscription interrupted', { subscriber, err }),
      (recovery) => this.say('subscription resumed', { subscriber, ...recovery }),
    );
  }

  /** The event store has confirmed it. */
  confirmed(): void {
    if (!this.isDealing) this.goesOn();
  }

  async deal<T>(work: () => Promise<T>): Promise<T> {
    this.isDealing = true;
    const done = await work();
    this.isDealing = false;
    this.goesOn();
    return done;
  }

  failed(error: unknown): void {
    this.part.become('interrupted');
    this.outage.failed(error);
  }

  /** The term is over: somebody else follows, or nobody. */
  ended(): void {
    this.part.become('standing by');
  }

  private goesOn(): void {
    this.part.become('following');
    this.outage.over();
  }
}
