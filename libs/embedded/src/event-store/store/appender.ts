import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { CommitSignal } from './commit-signal';
import { Draft, type WriteOutcome, type WriteRequest } from './draft';
import type { EventLog } from './event-log';
import { RecentIds } from './recent-ids';

/** A commit never takes in more appends than this, so that one can't grow without end. */
const GROUP_APPENDS = 512;

/** The store has met an I/O error and refuses appends until it is restarted. */
export class ReadOnlyError extends Error {
  override readonly name = 'ReadOnlyError';

  constructor(cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `The event store is read-only after a failed write (${reason}): ` +
        'see to its disk, then restart it',
      { cause },
    );
  }
}

interface Waiting {
  readonly request: WriteRequest;
  readonly resolve: (outcome: WriteOutcome) => void;
  readonly reject: (error: ReadOnlyError) => void;
}

/**
 * The only writer. While one commit is on its way to disk, appends gather; the next commit
 * takes them all, so the cost of a sync is shared by everyone who waits for it.
 */
export class Appender {
  private readonly recentIds: RecentIds;
  private readonly onFailure: (failure: ReadOnlyError) => void;
  private waiting: Waiting[] = [];
  private failure: ReadOnlyError | undefined;
  private running: Promise<void> | undefined;

  /** @param now milliseconds since the epoch */
  constructor(
    private readonly log: EventLog,
    private readonly committed: CommitSignal,
    options: { rememberedIds?: number; onFailure: (failure: ReadOnlyError) => void },
    private readonly now: () => number = Date.now,
  ) {
    this.recentIds = new RecentIds(options.rememberedIds);
    this.onFailure = options.onFailure;
  }

  /**
   * Settles when what was asked for is on disk, or when what its refusal rests on is.
   *
   * @throws ReadOnlyError from the first I/O error on; that write itself may have reached
   *   the disk or not, which an append's ids settle when it is repeated after a restart
   */
  write(request: WriteRequest): Promise<WriteOutcome> {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.waiting.push({ request, resolve, reject });
      this.running ??= this.commitWaiting();
    });
  }

  /** Settles when no append is on its way any more. */
  async settled(): Promise<void> {
    await this.running;
  }

  private async commitWaiting(): Promise<void> {
    // Appends that arrive in the same turn of the event loop share the first commit too.
    await endOfTurn();
    while (this.waiting.length > 0) {
      const group = this.waiting.splice(0, GROUP_APPENDS);
      try {
        const draft = new Draft(this.log, this.recentIds, this.now());
        const outcomes = group.map(({ request }) => draft.add(request));
        if (draft.events.length > 0) await this.log.commit(draft.events);
        group.forEach(({ resolve }, index) => resolve(outcomes[index]!));
        if (draft.events.length > 0) this.committed.notify();
      } catch (error) {
        this.fail(error, group);
      }
    }
    this.running = undefined;
  }

  /**
   * After a failed write nobody knows what reached the disk, and LMDB would go on accepting
   * writes on top of it.
   */
  private fail(error: unknown, group: Waiting[]): void {
    const failure = new ReadOnlyError(error);
    this.failure = failure;
    for (const { reject } of [...group, ...this.waiting]) reject(failure);
    this.waiting = [];
    this.onFailure(failure);
  }
}
