import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { CommitSignal } from './commit-signal';
import { Draft, type WriteOutcome, type WriteRequest } from './draft';
import type { EventLog } from './event-log';
import { LogError } from './log-error';
import { RecentIds } from './recent-ids';

/** A commit never takes in more appends than this, so that one can't grow without end. */
const GROUP_APPENDS = 512;

/** The store has met an I/O error and refuses appends until it is restarted. */
export class ReadOnlyError extends Error {
  override readonly name = 'ReadOnlyError';

  constructor(cause: unknown) {
    super(
      `The event store is read-only after a failed write (${reasonOf(cause)}): ` +
        'see to its disk, then restart it',
      { cause },
    );
  }
}

/**
 * One write could not be decided, by an error in this code. Nothing of it was written, and others are
 * taken as before.
 */
export class UndecidedWriteError extends Error {
  override readonly name = 'UndecidedWriteError';

  constructor({ kind, stream }: WriteRequest, cause: unknown) {
    super(
      `The event store failed to decide the ${kind} of ${JSON.stringify(stream)} ` +
        `and wrote nothing of it (${reasonOf(cause)}): this is an error in the event store itself`,
      { cause },
    );
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** What of its writes goes wrong in a way that whoever runs the store has to know. */
export interface FailedWrites {
  /** Told once, when the store becomes read-only. */
  readonly onFailure: (failure: ReadOnlyError) => void;
  /** Told of each write that could not be decided. */
  readonly onUndecided: (failure: UndecidedWriteError) => void;
}

interface Waiting {
  readonly request: WriteRequest;
  readonly resolve: (outcome: WriteOutcome) => void;
  readonly reject: (error: ReadOnlyError | UndecidedWriteError) => void;
}

/**
 * The only writer. While one commit is on its way to disk, appends gather; the next commit
 * takes them all, so the cost of a sync is shared by everyone who waits for it.
 */
export class Appender {
  private readonly recentIds: RecentIds;
  private waiting: Waiting[] = [];
  private failure: ReadOnlyError | undefined;
  private running: Promise<void> | undefined;

  /** @param now milliseconds since the epoch */
  constructor(
    private readonly log: EventLog,
    private readonly committed: CommitSignal,
    private readonly options: FailedWrites & { rememberedIds?: number },
    private readonly now: () => number = Date.now,
  ) {
    this.recentIds = new RecentIds(options.rememberedIds);
  }

  /**
   * Settles when what was asked for is on disk, or when what its refusal rests on is.
   *
   * @throws ReadOnlyError from the first I/O error on; that write itself may have reached
   *   the disk or not, which an append's ids settle when it is repeated after a restart
   * @throws UndecidedWriteError when nothing of this one was written; others may go on
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
        await this.commit(group);
      } catch (error) {
        this.fail(error, group);
      }
    }
    this.running = undefined;
  }

  private async commit(group: readonly Waiting[]): Promise<void> {
    const draft = new Draft(this.log, this.recentIds, this.now());
    const answers = group.map((waiting) => this.decide(draft, waiting));
    if (draft.events.length > 0) await this.log.commit(draft.events);
    for (const answer of answers) answer?.();
    if (draft.events.length > 0) this.committed.notify();
  }

  /**
   * @returns how to tell the outcome, once it is on disk; undefined when there is none
   * @throws LogError when there is none because the log is in doubt
   */
  private decide(draft: Draft, { request, resolve, reject }: Waiting): (() => void) | undefined {
    try {
      const outcome = draft.add(request);
      return () => resolve(outcome);
    } catch (error) {
      if (error instanceof LogError) throw error;
      const failure = new UndecidedWriteError(request, error);
      reject(failure);
      this.options.onUndecided(failure);
      return undefined;
    }
  }

  /**
   * After a failed write nobody knows what reached the disk, and LMDB would go on accepting
   * writes on top of it. Whatever isn't known to have touched nothing counts as one.
   */
  private fail(error: unknown, group: Waiting[]): void {
    const failure = new ReadOnlyError(error);
    this.failure = failure;
    for (const { reject } of [...group, ...this.waiting]) reject(failure);
    this.waiting = [];
    this.options.onFailure(failure);
  }
}
