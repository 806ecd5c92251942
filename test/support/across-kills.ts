import type { EventStoreDBClient } from '@eventstore/db-client';
import {
  jsonEvent,
  NO_STREAM,
  START,
  type AppendExpectedRevision,
  type EventData,
  type Position,
  type ResolvedEvent,
} from '@eventstore/db-client';

/** An append has 1 to this many events. */
export const MAX_BATCH = 500;

/** Counts what passes, and does something once, when enough has. */
export class Countdown {
  constructor(
    private remaining: number,
    private readonly onZero: () => void,
  ) {}

  count(): void {
    this.remaining -= 1;
    if (this.remaining === 0) this.onZero();
  }
}

/** What a writer tells while it works. */
export interface WriterListener {
  onSent?(): void;
  onAcknowledged?(): void;
}

/** A stream, what its writer was told is in it, and the append it has no answer to. */
export class Writer {
  readonly acknowledged: string[] = [];
  unanswered: readonly string[] = [];
  private pending: EventData[] = [];
  private appends = 0;

  /** @param unary whether it appends by a call of its own each time, instead of by the shared one */
  constructor(
    readonly stream: string,
    private readonly unary: boolean,
  ) {}

  /**
   * Appends until the server is gone. First it repeats what it had no answer to: with the same
   * ids and the same expectation it must succeed, whether it had been written or not.
   *
   * @param gone settles when the server is, which the client can't be relied upon to notice: now and
   *   then a call that was being sent ends with its deadline only
   */
  async write(
    client: EventStoreDBClient,
    listener: WriterListener,
    gone: Promise<unknown>,
  ): Promise<void> {
    const lost = gone.then(() => 'lost' as const);
    for (;;) {
      if (this.pending.length === 0) this.pending = this.nextBatch();
      this.unanswered = this.pending.map(({ id }) => id);
      try {
        const appending = client.appendToStream(this.stream, this.pending, {
          expectedRevision: this.expected(),
          // The client appends by a call of its own where it is given credentials.
          ...(this.unary && { credentials: { username: 'writer', password: 'writer' } }),
        });
        listener.onSent?.();
        const answered = appending.then(() => 'answered' as const);
        if ((await Promise.race([answered, lost])) === 'lost') return void answered.catch(ignore);
      } catch (error) {
        if (isLostConnection(error)) return;
        throw error;
      }
      this.acknowledged.push(...this.unanswered);
      this.unanswered = [];
      this.pending = [];
      listener.onAcknowledged?.();
    }
  }

  /** Every sixth is a large one; sizes differ, of batches and of events. */
  private nextBatch(): EventData[] {
    this.appends += 1;
    const turn = this.appends + this.stream.charCodeAt(this.stream.length - 1);
    const size = turn % 6 === 0 ? MAX_BATCH - (turn % 5) * 20 : 1 + ((turn * 37) % 60);
    return Array.from({ length: size }, (_, n) =>
      jsonEvent({ type: 'Written', data: { padding: 'x'.repeat((n * 97) % 500) } }),
    );
  }

  private expected(): AppendExpectedRevision {
    return this.acknowledged.length === 0 ? NO_STREAM : BigInt(this.acknowledged.length - 1);
  }
}

/** A position that doesn't grow, or a revision that isn't its stream's next. */
class DisorderError extends Error {
  override readonly name = 'DisorderError';
}

/** Streams and the ids in them, as they come; it takes no event out of its order. */
export class SeenEvents {
  readonly streams = new Map<string, string[]>();
  last: Position | undefined;

  /** @throws DisorderError */
  take({ event, commitPosition }: ResolvedEvent): void {
    const { streamId, revision, id } = event!;
    const position = commitPosition!;
    const ids = this.of(streamId);
    if (revision !== BigInt(ids.length) || position <= (this.last?.commit ?? -1n)) {
      throw new DisorderError(
        `${streamId}@${revision} at ${position}, ` +
          `after ${ids.length} of the stream, and ${this.last?.commit} of all`,
      );
    }
    ids.push(id);
    this.streams.set(streamId, ids);
    this.last = { commit: position, prepare: position };
  }

  of(stream: string): string[] {
    return this.streams.get(stream) ?? [];
  }
}

/** A subscriber to all that goes on, after each loss of the server, behind the last event it saw. */
export class Subscriber {
  readonly seen = new SeenEvents();
  private reached: (() => void) | undefined;

  /**
   * Follows until the server is gone, which the client can't be relied upon to notice: where the
   * connection breaks within an answer, its subscription never ends.
   */
  async follow(client: EventStoreDBClient, gone: Promise<unknown>): Promise<void> {
    const subscription = client.subscribeToAll({ fromPosition: this.seen.last ?? START });
    let isGone = false;
    void gone.then(() => {
      isGone = true;
      subscription.destroy();
    });
    try {
      for await (const event of subscription) {
        if (!event.event) continue;
        this.seen.take(event);
        this.reached?.();
      }
    } catch (error) {
      const lost = isGone || isLostConnection(error);
      if (error instanceof DisorderError || !lost) throw error;
    }
  }

  /** Settles when it has seen the event at a position. */
  async until(position: bigint): Promise<void> {
    await new Promise<void>((resolve) => {
      this.reached = () => {
        if ((this.seen.last?.commit ?? -1n) >= position) resolve();
      };
      this.reached();
    });
    this.reached = undefined;
  }
}

function ignore(): void {}

function isLostConnection(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 14 /* UNAVAILABLE */ || code === 1; /* CANCELLED */
}
