import {
  CancelledError,
  DeadlineExceededError,
  NotLeaderError,
  TimeoutError,
  UnavailableError,
} from '@eventstore/db-client';

/** Somebody else appended first: read again, decide again. */
export class WrongExpectedRevision extends Error {
  constructor(readonly stream: string) {
    super(`${stream} is at another revision than expected`);
    this.name = 'WrongExpectedRevision';
  }
}

/** The event store did not answer in time or can't be reached. */
export class EventStoreUnavailable extends Error {
  constructor(
    /** Whether an append was under way: it may have been committed all the same. */
    readonly mayHaveAppended: boolean,
    cause: unknown,
  ) {
    super('The event store is away', { cause });
    this.name = 'EventStoreUnavailable';
  }
}

/** An event of a type or version that this release doesn't know: never skipped. */
export class UnknownEventType extends Error {
  constructor(type: string, stream: string) {
    super(
      `Unknown event type ${type} in ${stream}: deploy a release that knows it before one that writes it`,
    );
    this.name = 'UnknownEventType';
  }
}

const away = [
  UnavailableError,
  TimeoutError,
  DeadlineExceededError,
  CancelledError,
  NotLeaderError,
];
/** gRPC: CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE; the client lets some through untranslated. */
const awayCodes: readonly unknown[] = [1, 4, 14];

/** Whether this says that the store can't be reached, rather than that it refuses something. */
export function isAway(error: unknown): boolean {
  return (
    error instanceof EventStoreUnavailable ||
    away.some((type) => error instanceof type) ||
    awayCodes.includes((error as { code?: unknown }).code) ||
    (error instanceof Error && error.message.startsWith('Failed to discover'))
  );
}

/**
 * Rethrows what broke a read.
 *
 * @throws EventStoreUnavailable, or the error itself when the store refused something
 */
export function unavailable(error: unknown): never {
  throw isAway(error) ? new EventStoreUnavailable(false, error) : error;
}
