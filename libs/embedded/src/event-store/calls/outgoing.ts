import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { status } from '@grpc/grpc-js';
import { CallError, toStatus } from '../protocol/call-error';

/** The client has gone, or the server is going: nothing more can be said. */
export class CallEndedError extends Error {
  override readonly name = 'CallEndedError';
}

/**
 * The answering side of a streaming call. A writer waits while the client is slow, and so
 * holds what it has read, and no more.
 */
export class Outgoing<Answer> {
  private readonly ending = new AbortController();
  /** What all of them wait for who write while the client is slow: appends answer side by side. */
  private draining: Promise<void> | undefined;

  /** @param closing aborted when the server shuts down, which ends the call CANCELLED */
  constructor(
    private readonly call: Writable,
    closing: AbortSignal,
  ) {
    const shutDown = (): void => {
      this.fail(new CallError(status.CANCELLED, 'The event store is shutting down'));
    };
    const ended = (): void => {
      closing.removeEventListener('abort', shutDown);
      this.ending.abort();
    };
    call.on('cancelled', ended).on('close', ended).on('error', ended);
    closing.addEventListener('abort', shutDown);
    if (closing.aborted) shutDown();
  }

  /** Aborted when the call has ended, by whichever side. */
  get ended(): AbortSignal {
    return this.ending.signal;
  }

  /** @throws CallEndedError when the call has ended */
  checkOpen(): void {
    if (this.ended.aborted) throw new CallEndedError();
  }

  /**
   * Hands one answer over.
   *
   * @returns a promise to wait for when the client can't keep up, else nothing
   * @throws CallEndedError when the call has ended, now or while waiting
   */
  write(answer: Answer): Promise<void> | undefined {
    this.checkOpen();
    return this.call.write(answer) ? undefined : (this.draining ??= this.drained());
  }

  /**
   * Hands one answer over, and settles when it is on its way: nobody who waits for that holds more than
   * one of them.
   *
   * @throws CallEndedError when the call has ended, now or while waiting
   */
  async send(answer: Answer): Promise<void> {
    this.checkOpen();
    const sent = new Promise<void>((resolve, reject) => {
      const ended = (): void => reject(new CallEndedError());
      this.ended.addEventListener('abort', ended);
      this.call.write(answer, (error) => {
        this.ended.removeEventListener('abort', ended);
        if (error) ended();
        else resolve();
      });
    });
    await sent;
  }

  /** Ends the call well. */
  end(): void {
    if (!this.ended.aborted) this.call.end();
  }

  /** Ends the call with an error, unless it has ended already. */
  fail(error: unknown): void {
    if (!this.ended.aborted) this.call.emit('error', toStatus(error));
  }

  private async drained(): Promise<void> {
    try {
      await once(this.call, 'drain', { signal: this.ended });
    } catch {
      throw new CallEndedError();
    } finally {
      this.draining = undefined;
    }
  }
}
