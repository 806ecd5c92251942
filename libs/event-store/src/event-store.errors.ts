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
