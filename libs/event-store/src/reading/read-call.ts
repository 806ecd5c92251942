import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { convertToCommandError } from '@eventstore/db-client';
import type { ClientReadableStream } from '@grpc/grpc-js';
import { within } from '@app/config';
import { EventStoreUnavailable } from '../event-store.errors';
import type { ReadAnswer } from './read-answer';
import type { OpenRead } from './read-connection';
import { ReadConnection } from './read-connection';
import type { AllRead } from './read-request';
import { readRequest } from './read-request';

/** Bytes that may wait for their reader: many small events, or a few of the largest that there are. */
const maxWaitingBytes = 4 * 1024 * 1024;

export interface ReadCallOptions {
  /** Answers that may wait for their reader. */
  readonly maxWaiting: number;
  readonly requiresLeader: boolean;
  /** Ends the reading. */
  readonly signal: AbortSignal;
}

/**
 * The answers of one read, in their order, as many at a time as have arrived. What a slow reader
 * hasn't taken yet stays at the server: the call is paused, and flow control does the rest.
 */
export class ReadCall {
  private waiting: ReadAnswer[] = [];
  private waitingBytes = 0;
  private opened: OpenRead | undefined;
  private over = false;
  private failure: Error | undefined;
  private wake = (): void => undefined;
  private readonly end = (): void => this.finish();

  constructor(
    client: EventStoreDBClient,
    read: AllRead,
    private readonly options: ReadCallOptions,
  ) {
    options.signal.addEventListener('abort', this.end);
    ReadConnection.open(client, readRequest(read), options).then(
      (opened) => this.follow(opened),
      (error: Error) => this.finish(error),
    );
  }

  /**
   * What has arrived, at least one; null at the end, and after the signal.
   *
   * @param silenceMs how long to wait for it at most; without it, a dead connection is found by its
   *   pings, and a call that has not come about never
   * @throws EventStoreUnavailable after the silence, or whatever broke the call
   */
  async next(silenceMs?: number): Promise<readonly ReadAnswer[] | null> {
    while (this.waiting.length === 0 && !this.over) await this.arrival(silenceMs);
    // What comes in the same turn is handed out with it: a batch is worth more than a moment.
    if (!this.over && !this.isFull) await endOfTurn();
    if (this.options.signal.aborted) return null;
    if (this.waiting.length > 0) return this.take();
    if (this.failure) throw this.failure;
    return null;
  }

  /** Ends the call; the server stops sending. */
  close(): void {
    this.options.signal.removeEventListener('abort', this.end);
    this.finish();
    if (this.opened) end(this.opened.call);
  }

  private get isFull(): boolean {
    return this.waiting.length >= this.options.maxWaiting || this.waitingBytes >= maxWaitingBytes;
  }

  private follow(opened: OpenRead): void {
    this.opened = opened;
    const { call } = opened;
    // For as long as the call lives: an error that comes after its end is nobody's business.
    call.on('error', (error) => this.finish(convertToCommandError(error)));
    if (this.over) return end(call);
    call.on('data', (answer: ReadAnswer) => {
      this.waiting.push(answer);
      this.waitingBytes += answer.size;
      if (this.isFull) call.pause();
      this.wake();
    });
    call.on('end', this.end);
  }

  private finish(failure?: Error): void {
    this.over = true;
    this.failure ??= failure;
    this.wake();
  }

  private take(): ReadAnswer[] {
    const taken = this.waiting;
    this.waiting = [];
    this.waitingBytes = 0;
    if (!this.over) this.opened?.call.resume();
    return taken;
  }

  private async arrival(silenceMs: number | undefined): Promise<void> {
    const arrived = new Promise<void>((resolve) => (this.wake = resolve));
    if (silenceMs === undefined) return arrived;
    try {
      await within(silenceMs, arrived, (message) => new EventStoreUnavailable(false, message));
    } catch (error) {
      await this.opened?.giveUpConnection();
      throw error;
    }
  }
}

function end(call: ClientReadableStream<ReadAnswer>): void {
  call.cancel();
  call.destroy();
}
