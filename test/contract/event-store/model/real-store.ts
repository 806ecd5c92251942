import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  BACKWARDS,
  END,
  eventTypeFilter,
  FORWARDS,
  jsonEvent,
  START,
  streamNameFilter,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type AllStreamResolvedEvent,
  type AppendResult,
  type DeleteResult,
  type EventStoreDBClient,
  type Position,
  type ReadRevision,
  type RecordedEvent,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { waysToAppend } from '../harness/appending';
import { collect } from '../harness/server';
import { typeOf, type Resolved } from './by-model';
import type { Answer, Expected, ModelEvent } from './model';

type Does<What extends Resolved['does']> = Extract<Resolved, { does: What }>;

/**
 * A server, spoken to in the words of the model. Its streams have names that nobody else has, so
 * that what others do on it is told apart.
 */
export class RealStore {
  private readonly run = randomUUID();
  private readonly ids = Array.from({ length: 10 }, () => randomUUID());
  /** What this run has put into all, as it reads now, and where each of it stands. */
  readonly log: ModelEvent[] = [];
  private readonly positions: Position[] = [];

  private constructor(
    private readonly server: { readonly client: EventStoreDBClient },
    /** Just before the run. */
    private readonly start: Position,
  ) {}

  static async on(server: { readonly client: EventStoreDBClient }): Promise<RealStore> {
    const event = jsonEvent({ type: 'Start', data: {} });
    const { position } = await server.client.appendToStream(`start-${randomUUID()}`, event);
    return new RealStore(server, position!);
  }

  /** Does it, and answers as the model would; undefined is for what has no answer. */
  async do(operation: Exclude<Resolved, Does<'restart'>>): Promise<Answer> {
    try {
      return await this.attempt(operation);
    } catch (error) {
      if (error instanceof StreamDeletedError) return 'stream deleted';
      if (error instanceof StreamNotFoundError) return 'stream not found';
      if (!(error instanceof WrongExpectedVersionError)) throw error;
      const { actualVersion } = error;
      return { wrongVersion: actualVersion === 'no_stream' ? -1 : Number(actualVersion) };
    }
  }

  /** Reads what has come into all since it was read last. */
  async readOn(): Promise<void> {
    const fromPosition = this.positions.at(-1) ?? this.start;
    for (const { event } of await collect(this.client.readAll({ fromPosition }))) {
      const isNew = event!.position.commit > fromPosition.commit;
      if (!isNew || !this.isOwn(event!)) continue;
      this.log.push(this.inWordsOfTheModel(event!));
      this.positions.push(event!.position);
    }
  }

  /** Everything of this run, from its start on, as a subscriber gets it. */
  follow(from: Position = this.start) {
    const filter = streamNameFilter({ regex: `^(\\$\\$)?${this.run}` });
    return this.client.subscribeToAll({ filter, fromPosition: from });
  }

  inWordsOfTheModel({ streamId, type, revision, id, data }: RecordedEvent): ModelEvent {
    const known = this.ids.findIndex((own) => own === id);
    return {
      stream: streamId.replace(`${this.run}-`, ''),
      revision: Number(revision),
      type: type.replace(`${this.run}-`, ''),
      ...(known >= 0 && { id: known }),
      ...(type === '$metadata' && { data }),
    };
  }

  private get client(): EventStoreDBClient {
    return this.server.client;
  }

  private attempt(operation: Exclude<Resolved, Does<'restart'>>): Promise<Answer> {
    switch (operation.does) {
      case 'append':
        return this.append(operation);
      case 'delete':
      case 'tombstone':
        return this.remove(operation);
      case 'set metadata':
        return this.setMetadata(operation);
      case 'read':
        return this.read(operation);
      case 'read all':
        return this.readAll(operation);
      case 'subscribe':
        return this.subscribe(operation);
      case 'subscribe to all':
        return this.subscribeToAll(operation);
    }
  }

  private async append(operation: Does<'append'>): Promise<Answer> {
    const { stream, expected, ids, unary, inManyMessages } = operation;
    const events = ids.map((id) =>
      jsonEvent({ id: this.ids[id]!, type: this.named(typeOf(id)), data: { id } }),
    );
    const [[, batchCall], [, unaryCall]] = waysToAppend;
    return this.appended(
      await this.client.appendToStream(this.named(stream), events, {
        ...(unary ? unaryCall : batchCall),
        expectedRevision: revisionOf(expected),
        ...(inManyMessages && { batchAppendSize: 150 }),
      }),
    );
  }

  private async setMetadata({ stream, maxCount, truncateBefore }: Does<'set metadata'>) {
    const metadata = {
      ...(maxCount !== undefined && { maxCount }),
      ...(truncateBefore !== undefined && { truncateBefore }),
    };
    return this.appended(await this.client.setStreamMetadata(this.named(stream), metadata));
  }

  private async appended({ nextExpectedRevision, position }: AppendResult): Promise<Answer> {
    await this.readOn();
    return { revision: Number(nextExpectedRevision), at: this.placeOf(position) };
  }

  private async remove({ does, stream, expected }: Does<'delete' | 'tombstone'>): Promise<Answer> {
    const options = { expectedRevision: revisionOf(expected) as bigint };
    const removed: DeleteResult =
      does === 'delete'
        ? await this.client.deleteStream(this.named(stream), options)
        : await this.client.tombstoneStream(this.named(stream), options);
    await this.readOn();
    return { writtenAt: this.placeOf(removed.position)! };
  }

  private async read({ stream, direction, from, maxCount }: Does<'read'>): Promise<Answer> {
    const forwards = direction === 'forwards';
    const fromRevision = forwards && from === 'end' ? START : placeOf(from);
    const options = { direction: forwards ? FORWARDS : BACKWARDS, fromRevision, maxCount } as const;
    const events = await collect(this.client.readStream(this.named(stream), options));
    return { events: this.ownOf(events) };
  }

  /** Others take their share of the count: then more is asked for, until there are enough of ours. */
  private async readAll(operation: Does<'read all'>): Promise<Answer> {
    const { direction, from, maxCount } = operation;
    const options = {
      direction: direction === 'forwards' ? FORWARDS : BACKWARDS,
      fromPosition: this.positions[from]!,
    } as const;
    for (let count = maxCount; ; count *= 2) {
      const events = await collect(this.client.readAll({ ...options, maxCount: count }));
      const own = this.ownOf(events);
      const last = events.at(-1)?.event?.position.commit ?? 0n;
      const isOver = events.length < count || last <= this.start.commit;
      if (own.length >= maxCount || isOver) return { events: own.slice(0, maxCount) };
    }
  }

  private async subscribe({ stream, after }: Does<'subscribe'>): Promise<Answer> {
    const fromRevision = placeOf(after);
    const subscription = this.client.subscribeToStream(this.named(stream), { fromRevision });
    return this.untilCaughtUp(subscription);
  }

  private async subscribeToAll({ after, on, by, names }: Does<'subscribe to all'>) {
    const prefixes = names.map((name) => this.named(name));
    const expression = `^(${prefixes.map((name) => name.replaceAll('$', '\\$')).join('|')})`;
    const filterOn = on === 'stream' ? streamNameFilter : eventTypeFilter;
    const filter = by === 'prefixes' ? filterOn({ prefixes }) : filterOn({ regex: expression });
    const fromPosition = this.positions[after]!;
    return this.untilCaughtUp(this.client.subscribeToAll({ filter, fromPosition }));
  }

  private async untilCaughtUp(
    subscription: ReturnType<EventStoreDBClient['subscribeToStream']>,
  ): Promise<Answer> {
    const events: ResolvedEvent[] = [];
    subscription.on('data', (event) => events.push(event));
    await once(subscription, 'caughtUp');
    await subscription.unsubscribe();
    return { events: this.ownOf(events) };
  }

  private ownOf(events: readonly (ResolvedEvent | AllStreamResolvedEvent)[]): ModelEvent[] {
    const own = events.flatMap(({ event }) => (event && this.isOwn(event) ? [event] : []));
    return own.map((event) => this.inWordsOfTheModel(event));
  }

  private isOwn({ streamId }: RecordedEvent): boolean {
    return streamId.replace(/^\$\$/, '').startsWith(this.run);
  }

  /** `a` is `<run>-a`, and `$$a` is `$$<run>-a`. */
  private named(name: string): string {
    return name.replace(/^(\$\$)?/, `$1${this.run}-`);
  }

  private placeOf(position: Position | undefined): number | undefined {
    const place = this.positions.findIndex(({ commit }) => commit === position?.commit);
    return place < 0 ? undefined : place;
  }
}

const revisionOf = (expected: Expected) =>
  typeof expected === 'number' ? BigInt(expected) : expected;

const placeOf = (place: 'start' | 'end' | number): ReadRevision =>
  place === 'start' ? START : place === 'end' ? END : BigInt(place);
