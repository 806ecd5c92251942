/**
 * A later step failed although the event is appended: what was asked may be done already, and a
 * repeat finishes it.
 */
export class MayBeDone extends Error {
  readonly mayHaveAppended = true;

  constructor(cause: unknown) {
    super('A step after the append failed', { cause });
    this.name = 'MayBeDone';
  }
}

/** For the `catch` of a step that comes after the append. */
export function mayBeDone(cause: unknown): never {
  throw new MayBeDone(cause);
}
