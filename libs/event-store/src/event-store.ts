import type { ReadPosition, ResolvedEvent } from '@eventstore/db-client';
import {
  BACKWARDS,
  CancelledError,
  DeadlineExceededError,
  END,
  EventStoreDBClient,
  FORWARDS,
  NO_STREAM,
  NotLeaderError,
  START,
  StreamNotFoundError,
  TimeoutError,
  UnavailableError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { within } from '@app/config';
import type { DomainEvent } from '@app/domain';
import { decodeEvent, encodeEvent } from './event-codec';
import { EventStoreUnavailable, WrongExpectedRevision } from './event-store.errors';
import type { EventContext, Position, RecordedEvent } from './recorded-event';
import { isOurs } from './streams';

/** The revision that an append builds on: the last event's, or that there is no stream yet. */
export type ExpectedRevision = number | 'no_stream';

/**
 * EventStoreDB, in the words of the domain. One instance a process: two appending clients in one
 * process can fail each other's appends in flight.
 */
export class EventStore {
  /** The official client, for the subscriptions; appends go through here only. */
  readonly client: EventStoreDBClient;

  constructor(
    url: string,
    private readonly timeoutMs: number,
  ) {
    this.client = EventStoreDBClient.connectionString(url);
  }

  /**
   * Appends atomically, after exactly the expected revision.
   *
   * @returns the revision of the last event appended, and its position in `$all`
   * @throws WrongExpectedRevision when somebody else appended first
   * @throws EventStoreUnavailable; the events may have been appended all the same
   */
  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly DomainEvent[],
    context: EventContext,
  ): Promise<{ revision: number; position: Position | null }> {
    const encoded = events.map((event) => encodeEvent(event, context));
    try {
      const result = await this.within(
        this.client.appendToStream(stream, encoded, {
          expectedRevision: expected === 'no_stream' ? NO_STREAM : BigInt(expected),
        }),
      );
      return { revision: Number(result.nextExpectedRevision), position: result.position ?? null };
    } catch (error) {
      if (error instanceof WrongExpectedVersionError) throw new WrongExpectedRevision(stream);
      throw isAway(error) ? new EventStoreUnavailable(true, error) : error;
    }
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
   * Where the last event of ours stands in `$all`; null when there is none. What the store keeps
   * there for itself doesn't count: no subscriber of ours ever comes to it.
   *
   * @throws EventStoreUnavailable
   */
  async lastPosition(): Promise<Position | null> {
    try {
      return await this.within(this.lastOfOurs());
    } catch (error) {
      throw isAway(error) ? new EventStoreUnavailable(false, error) : error;
    }
  }

  /** Whether the store answers; for probes, so the stream needn't exist. */
  async ping(): Promise<void> {
    await this.readLast('ping');
  }

  async close(): Promise<void> {
    await this.client.dispose();
  }

  private async collect(
    stream: string,
    options: Parameters<EventStoreDBClient['readStream']>[1],
  ): Promise<RecordedEvent[]> {
    const reading = this.client.readStream(stream, { ...options, requiresLeader: true });
    try {
      return await this.within(decodeAll(reading));
    } catch (error) {
      if (error instanceof StreamNotFoundError) return [];
      throw isAway(error) ? new EventStoreUnavailable(false, error) : error;
    } finally {
      reading.destroy();
    }
  }

  /** Page by page, each to its end: a read that is left in the middle stays open for ever. */
  private async lastOfOurs(): Promise<Position | null> {
    for (let fromPosition: ReadPosition = END; ;) {
      const page: ResolvedEvent[] = [];
      const reading = this.client.readAll({
        direction: BACKWARDS,
        fromPosition,
        maxCount: 100,
        requiresLeader: true,
      });
      for await (const resolved of reading) page.push(resolved);
      const ours = page.find(({ event }) => event && isOurs(event.streamId));
      if (ours) return decodeEvent(ours).position;
      const oldest = page.at(-1)?.event?.position;
      if (!oldest) return null;
      fromPosition = oldest;
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

const away = [
  UnavailableError,
  TimeoutError,
  DeadlineExceededError,
  CancelledError,
  NotLeaderError,
  EventStoreUnavailable,
];
/** gRPC: CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE; the client lets some through untranslated. */
const awayCodes: readonly unknown[] = [1, 4, 14];

function isAway(error: unknown): boolean {
  return (
    away.some((type) => error instanceof type) ||
    awayCodes.includes((error as { code?: unknown }).code) ||
    (error instanceof Error && error.message.startsWith('Failed to discover'))
  );
}
