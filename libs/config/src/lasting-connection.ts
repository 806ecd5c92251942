import { within } from './within';

/** How a connection comes and goes. */
export interface Ways<T> {
  /**
   * One that isn't connected yet.
   *
   * @param openWithinMs after which it is dropped unless it is
   * @param lost to be called when it breaks by itself
   */
  readonly make: (openWithinMs: number, lost: () => void) => T;
  readonly open: (connection: T) => Promise<unknown>;
  /**
   * Also of one that isn't connected yet: nothing of it may stay. Called again when its opening has come to
   * an end after all: a client may go on connecting, for nobody.
   */
  readonly drop: (connection: T, wasOpen: boolean) => void;
}

interface Opening<T> {
  readonly connection: T;
  readonly opened: Promise<unknown>;
  isOpen: boolean;
}

/** Milliseconds: a handshake may take longer than an answer does, and a dead one is found out soon. */
const openWithinMs = 3_000;

/**
 * One connection for a question that is asked again and again, each time within a time that is short.
 * What is being opened when a question has run out of it is there for the next one; what was open and
 * doesn't answer is dropped, and the next one begins anew.
 */
export class LastingConnection<T> {
  private current: Opening<T> | undefined;

  constructor(private readonly ways: Ways<T>) {}

  /** @throws what `open` and the question say, or that there was no answer in time */
  async ask<R>(timeoutMs: number, question: (connection: T) => Promise<R>): Promise<R> {
    const current = (this.current ??= this.begin(Math.max(timeoutMs, openWithinMs)));
    const wasOpen = current.isOpen;
    const answer = current.opened
      .then(() => question(current.connection))
      .catch((error: unknown) => {
        this.drop(current);
        throw error;
      });
    try {
      return await within(timeoutMs, answer);
    } catch (error) {
      if (wasOpen) this.drop(current);
      throw error;
    }
  }

  close(): void {
    if (this.current) this.drop(this.current);
  }

  private begin(limitMs: number): Opening<T> {
    const connection = this.ways.make(limitMs, () => this.drop(opening));
    const settling = this.ways.open(connection);
    // Before those below, which drop it because of how it ended.
    const settled = (): void => {
      if (this.current !== opening) this.ways.drop(connection, false);
    };
    settling.then(settled, settled);
    const opened = within(limitMs, settling);
    const opening: Opening<T> = { connection, opened, isOpen: false };
    opened.then(
      () => (opening.isOpen = true),
      () => this.drop(opening),
    );
    return opening;
  }

  /** Once, whoever finds it out first. */
  private drop(opening: Opening<T>): void {
    if (this.current !== opening) return;
    this.current = undefined;
    this.ways.drop(opening.connection, opening.isOpen);
  }
}
