import {
  BACKWARDS,
  END,
  EventStoreDBClient,
  FORWARDS,
  NO_STREAM,
  START,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import type { EventData, ResolvedEvent } from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import { within } from '@app/config';
import type { DomainEvent } from '@app/domain';
import { inSpan } from '@app/observability';
import { appendSpan, traced } from './append-span';
import { decodeEvent, encodeEvent } from './event-codec';
import {
  EventStoreUnavailable,
  isAway,
  unavailable,
  WrongExpectedRevision,
} from './event-store.errors';
import { ReadCall } from './reading/read-call';
import type { EncodedEvent } from './reading/read-answer';
import type { AllRead } from './reading/read-request';
import { widenWindow } from './reading/wide-window';
import type { EventContext, Position, RecordedEvent, RecordedPlace } from './recorded-event';

/** The revision that an append builds on: the last event's, or that there is no stream yet. */
export type ExpectedRevision = number | 'no_stream';

/** Where the last event of an append stands. */
export interface AppendResult {
  readonly revision: number;
  readonly position: Position | null;
  /** Of the events, in their order. */
  readonly ids: readonly string[];
}

/**
 * EventStoreDB, in the words of the domain. One instance a process: two appending clients in one
 * process can fail each other's appends in flight.
 */
export class EventStore {
  /** The official client, whose connection every read that ends shares; appends go through here only. */
  readonly client: EventStoreDBClient;
  /**
   * Another one, for subscriptions. When the store drops a call, the client closes its connection, and
   * what is about to begin on it fails with the call: drops are normal, and no business of others.
   */
  readonly following: EventStoreDBClient;

  constructor(
    url: string,
    private readonly timeoutMs: number,
  ) {
    this.client = widenWindow(EventStoreDBClient.connectionString(url));
    this.following = widenWindow(EventStoreDBClient.connectionString(url));
  }

  /**
   * Appends atomically, after exactly the expected revision.
   *
   * @returns the revision of the last event appended and its position in `$all`, and the ids of all
   * @throws WrongExpectedRevision when somebody else appended first
   * @throws EventStoreUnavailable; the events may have been appended all the same
   */
  append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly DomainEvent[],
    context: EventContext,
  ): Promise<AppendResult> {
    return inSpan(appendSpan(stream, events), async () => {
      const metadata = traced(context);
      const encoded = events.map((event) => encodeEvent(event, metadata));
      return this.appendEncoded(stream, expected, encoded);
    });
  }

  /**
   * A whole stream, oldest first; none when there is no such stream.
   *
   * @throws EventStoreUnavailable
   */
  read(stream: string): Promise<RecordedEvent[]> {
    return this.collect(stream, { direction: FORWARDS, fromRevision: START });
  }

  /**
   * The end of a stream as the leader knows it: what every destruction and every lease asks.
   *
   * @throws EventStoreUnavailable
   */
  async readLast(stream: string): Promise<RecordedEvent | undefined> {
    const events = await this.collect(stream, {
      direction: BACKWARDS,
      fromRevision: END,
      maxCount: 1,
    });
    return events[0];
  }

  /**
   * The last event of ours in `$all`, of whatever type; null when there is none. What the store
   * keeps there for itself doesn't count: no subscriber of ours ever comes to it.
   *
   * @throws EventStoreUnavailable
   */
  lastEvent(): Promise<RecordedPlace | null> {
    return this.readOne({ from: 'end', direction: 'backwards', onlyOurs: true, count: 1 });
  }

  /**
   * Where that one stands.
   *
   * @throws EventStoreUnavailable
   */
  async lastPosition(): Promise<Position | null> {
    return (await this.lastEvent())?.position ?? null;
  }

  /**
   * Where `$all` ends, with an event of whoever; null when it is empty.
   *
   * @throws EventStoreUnavailable
   */
  async endOfAll(): Promise<Position | null> {
    const read = { from: 'end', direction: 'backwards', onlyOurs: false, count: 1 } as const;
    return (await this.readOne(read))?.position ?? null;
  }

  /**
   * Whether the event at exactly this place of `$all` has this id. If not, this is another store
   * than the one that it was read from, or one that was restored from a backup.
   *
   * @throws EventStoreUnavailable
   */
  async knows(position: Position, eventId: string): Promise<boolean> {
    try {
      const event = await this.readOne({ from: position, onlyOurs: false, count: 1 });
      return event?.id === eventId && event.position.commit === position.commit;
    } catch (error) {
      // The store's word for a place that no event begins at, or that lies behind its end.
      if ((error as { code?: unknown }).code === status.INVALID_ARGUMENT) return false;
      throw error;
    }
  }

  /** Whether the store answers; for probes, so the stream needn't exist. */
  async ping(): Promise<void> {
    await this.readLast('ping');
  }

  async close(): Promise<void> {
    await Promise.all([this.client.dispose(), this.following.dispose()]);
  }

  private async appendEncoded(
    stream: string,
    expected: ExpectedRevision,
    encoded: EventData[],
  ): Promise<AppendResult> {
    try {
      const result = await this.within(
        this.client.appendToStream(stream, encoded, {
          expectedRevision: expected === 'no_stream' ? NO_STREAM : BigInt(expected),
        }),
      );
      const { nextExpectedRevision, position = null } = result;
      const ids = encoded.map(({ id }) => id);
      return { revision: Number(nextExpectedRevision), position, ids };
    } catch (error) {
      if (error instanceof WrongExpectedVersionError) throw new WrongExpectedRevision(stream);
      throw isAway(error) ? new EventStoreUnavailable(true, error) : error;
    }
  }

  private async collect(
    stream: string,
    options: Parameters<EventStoreDBClient['readStream']>[1],
  ): Promise<RecordedEvent[]> {
    const reading = this.client.readStream(stream, { ...options, requiresLeader: true });
    try {
      return await this.within(decodeAll(reading));
    } catch (error) {
      return error instanceof StreamNotFoundError ? [] : unavailable(error);
    } finally {
      reading.destroy();
    }
  }

  private async readOne(read: AllRead): Promise<EncodedEvent | null> {
    const ending = new AbortController();
    const options = { maxWaiting: 1, requiresLeader: true, signal: ending.signal };
    const call = new ReadCall(this.client, read, options);
    try {
      return await this.within(firstEvent(call));
    } catch (error) {
      return unavailable(error);
    } finally {
      call.close();
    }
  }

  /** Reads have no deadline of their own, and an append's is longer than a caller may wait. */
  private within<T>(work: Promise<T>): Promise<T> {
    return within(this.timeoutMs, work, (message) => new EventStoreUnavailable(true, message));
  }
}

/** Decodes after the read has ended: an unknown event within it would leave the call open for ever. */
async function decodeAll(reading: AsyncIterable<ResolvedEvent>): Promise<RecordedEvent[]> {
  const events: ResolvedEvent[] = [];
  for await (const resolved of reading) events.push(resolved);
  return events.map(decodeEvent);
}

/**
 * Hears the store out, which ends the read by itself: broken off, each would count against the limit on
 * streams that a client resets, beyond which an HTTP/2 server closes the connection (1,000, then 33 a
 * second, with Node's).
 */
async function firstEvent(call: ReadCall): Promise<EncodedEvent | null> {
  let first: EncodedEvent | undefined;
  for (let answers = await call.next(); answers; answers = await call.next()) {
    first ??= answers.find(({ event }) => event)?.event;
  }
  return first ?? null;
}
