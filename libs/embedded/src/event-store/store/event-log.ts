import { join } from 'node:path';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { open, type Database, type RootDatabase } from 'lmdb';
import { DATABASE_FILE, UnusableFolderError } from './folder';
import { decodeNumber, encodeNumber, LAST, streamEventKey, streamKey } from './keys';
import { DamagedEventError, LogError } from './log-error';
import type { Streams } from './retention';
import { sealed, unsealed } from './sealed';
import { StoredEvent } from './stored-event';

/** The position before every event. */
export const BEFORE_ALL = 0;
const FIRST_POSITION = 1;

/** A page never holds more events than this, nor (beyond its first event) more bytes. */
export const PAGE_EVENTS = 256;
const PAGE_BYTES = 512 * 1024;

const ENCODING = { encoding: 'binary', keyEncoding: 'binary' } as const;

/** Below every name: without a start of its own, a range begins behind the lowest bytes. */
const LOWEST_NAME = '\0';

/** A stream, and how far it goes. */
export interface StreamEnd {
  readonly stream: string;
  readonly lastRevision: number;
}

/**
 * The events on disk, in LMDB.
 *
 * Three tables: `events` (position -> event), `index` (stream and revision -> position) and
 * `streams` (name -> last revision). They change together or not at all, and a row can be
 * read only once it is on disk.
 *
 * Every read returns one page and closes its cursor: an open cursor pins the pages it
 * stands on, and the file grows without end under it.
 */
export class EventLog implements Streams {
  private lastCommitted: number;

  private constructor(
    private readonly root: RootDatabase<Buffer, Buffer>,
    private readonly events: Database<Buffer, Buffer>,
    private readonly index: Database<Buffer, Buffer>,
    private readonly streams: Database<Buffer, Buffer>,
  ) {
    this.lastCommitted = lastKey(events) ?? BEFORE_ALL;
  }

  /**
   * @param folder an existing folder, locked by the caller: LMDB lets two processes overwrite
   *   each other
   * @param options.fsync false gives up durability for speed: for tests only
   */
  static open(folder: string, options: { fsync: boolean }): EventLog {
    const root = open<Buffer, Buffer>({
      ...ENCODING,
      path: join(folder, DATABASE_FILE),
      noSubdir: true,
      // With overlapping sync, rows could be read before they are on disk.
      overlappingSync: false,
      // Every commit is one explicit batch. The implicit one around it would add a promise
      // of its own, whose rejection, when the disk fails, nobody could handle.
      eventTurnBatching: false,
      noSync: !options.fsync,
    });
    return EventLog.withTablesOf(root);
  }

  /**
   * Opens what is there to be read, beside the process that writes it or without one: LMDB lets
   * readers in whoever holds the folder, and shows them what that one has committed.
   *
   * @param folder one that holds {@link DATABASE_FILE}
   */
  static openToRead(folder: string): EventLog {
    const path = join(folder, DATABASE_FILE);
    return EventLog.withTablesOf(open({ ...ENCODING, path, noSubdir: true, readOnly: true }));
  }

  private static withTablesOf(root: RootDatabase<Buffer, Buffer>): EventLog {
    return new EventLog(
      root,
      root.openDB<Buffer, Buffer>('events', ENCODING),
      root.openDB<Buffer, Buffer>('index', ENCODING),
      root.openDB<Buffer, Buffer>('streams', ENCODING),
    );
  }

  /** Position of the last event on disk, or {@link BEFORE_ALL}. */
  get lastPosition(): number {
    return this.lastCommitted;
  }

  /**
   * Where the next event goes. Positions are byte offsets into all that was ever stored, as
   * in the real server: they grow with gaps, so no reader can count on "the next is plus one".
   */
  get nextPosition(): number {
    const position = encodeNumber(this.lastCommitted);
    const last = rowOf(this.events, position);
    return last ? decodeAt(position, last).next : FIRST_POSITION;
  }

  /**
   * Last revision of a stream, -1 when it has no event, TOMBSTONE when it can have none.
   *
   * @throws LogError
   */
  lastRevision(stream: string): number {
    const last = rowOf(this.streams, streamKey(stream));
    return last ? decodeNumber(last) : -1;
  }

  /** One event by its revision. @throws LogError */
  eventAt(stream: string, revision: number): StoredEvent | undefined {
    const key = streamEventKey(stream, revision);
    const position = rowOf(this.index, key);
    if (position) return this.indexedEvent(key, position);
    const last = this.lastRevision(stream);
    // Between the events of a tombstoned stream and their end there is nothing.
    if (revision > last || last === LAST) return undefined;
    throw new LogError(`The index lacks an event: ${revision} of a stream that goes to ${last}`);
  }

  /**
   * A page of the streams whose names begin with a prefix, in the order of their names' bytes.
   *
   * @param after the name to go on after
   */
  streamEnds(prefix: string, after?: string): StreamEnd[] {
    const range = this.streams.getRange({
      start: Buffer.from(after ?? (prefix || LOWEST_NAME), 'utf8'),
      exclusiveStart: after !== undefined,
      limit: PAGE_EVENTS,
    });
    const page: StreamEnd[] = [];
    for (const { key, value } of range) {
      const stream = key.toString('utf8');
      if (!stream.startsWith(prefix)) break;
      page.push({ stream, lastRevision: decodeNumber(value) });
    }
    return page;
  }

  /** A page of all events from a position (included), ascending. */
  allForwards(from: number): StoredEvent[] {
    const range = this.events.getRange({ start: encodeNumber(from) });
    return takePage(range, ({ key, value }) => decodeAt(key, value));
  }

  /** A page of all events before a position (excluded), descending. */
  allBackwards(before: number): StoredEvent[] {
    const range = this.events.getRange({
      start: encodeNumber(before),
      exclusiveStart: true,
      reverse: true,
    });
    return takePage(range, ({ key, value }) => decodeAt(key, value));
  }

  /** A page of a stream from a revision (included), ascending; never its tombstone. */
  streamForwards(stream: string, from: number): StoredEvent[] {
    const range = this.index.getRange({
      start: streamEventKey(stream, from),
      end: streamEventKey(stream, LAST),
    });
    return takePage(range, ({ key, value }) => this.indexedEvent(key, value));
  }

  /** A page of a stream from one revision down to another (both included), descending. */
  streamBackwards(stream: string, from: number, downTo: number): StoredEvent[] {
    const range = this.index.getRange({
      start: streamEventKey(stream, from),
      end: streamEventKey(stream, downTo),
      inclusiveEnd: true,
      reverse: true,
    });
    return takePage(range, ({ key, value }) => this.indexedEvent(key, value));
  }

  /**
   * Writes events atomically. Settles when they are on disk; only then can they be read.
   *
   * @param events in the order of their positions, which begin at {@link nextPosition}
   * @throws whatever the disk reports; the caller must then stop writing, since LMDB goes on
   *   as if nothing had happened
   */
  async commit(events: readonly StoredEvent[]): Promise<void> {
    // A throw inside the batch would still commit the puts before it: encode everything first.
    const lastRevisions = new Map<string, number>();
    const rows = events.map(({ position, bytes, stream, revision }) => {
      lastRevisions.set(stream, revision);
      return {
        position: encodeNumber(position),
        event: sealed(position, bytes),
        indexKey: streamEventKey(stream, revision),
      };
    });
    const ends = [...lastRevisions].map(([stream, revision]) => ({
      stream: streamKey(stream),
      revision: encodeNumber(revision),
    }));
    // What a put returns rejects when the commit fails, and must be awaited for that. Most of them
    // return the same.
    const puts = new Set<Promise<boolean>>();
    const committed = this.root.batch(() => {
      for (const { position, event, indexKey } of rows) {
        puts.add(this.events.put(position, event)).add(this.index.put(indexKey, position));
      }
      for (const { stream, revision } of ends) puts.add(this.streams.put(stream, revision));
    });
    try {
      await Promise.all([committed, ...puts]);
    } catch (error) {
      throw await reasonOf(error);
    }
    this.lastCommitted = events.at(-1)?.position ?? this.lastCommitted;
  }

  async close(): Promise<void> {
    await this.root.close();
  }

  /**
   * Holds the last event against the other two tables.
   *
   * @param file named in the error
   * @throws UnusableFolderError when they don't agree
   */
  checkEnd(file: string): void {
    for (const event of this.allBackwards(LAST).slice(0, 1)) {
      const indexed = this.index.get(streamEventKey(event.stream, event.revision));
      const revision = this.lastRevision(event.stream);
      if (indexed && decodeNumber(indexed) === event.position && revision === event.revision)
        return;
      throw new UnusableFolderError(
        `${file} is damaged (its tables don't agree on its last event, at ${event.position}): ` +
          'restore the folder from a copy, or empty it',
      );
    }
  }

  /** @throws DamagedEventError */
  private indexedEvent(key: Buffer, position: Buffer): StoredEvent {
    const bytes = rowOf(this.events, position);
    const event = bytes && decodeAt(position, bytes);
    if (event && key.equals(streamEventKey(event.stream, event.revision))) return event;
    throw new DamagedEventError(decodeNumber(position));
  }
}

/** @throws LogError when LMDB can't look it up */
function rowOf(table: Database<Buffer, Buffer>, key: Buffer): Buffer | undefined {
  try {
    return table.get(key);
  } catch (error) {
    throw new LogError('The database of the event store cannot be read', { cause: error });
  }
}

function decodeAt(position: Buffer, row: Buffer): StoredEvent {
  try {
    const at = decodeNumber(position);
    return StoredEvent.read(at, unsealed(at, row));
  } catch (error) {
    throw new DamagedEventError(decodeNumber(position), error);
  }
}

/** LMDB hands over the reason of a failed commit as one more promise that rejects. */
async function reasonOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  const silence = endOfTurn(error);
  return Promise.race([Promise.resolve(error.commitError), silence]).then(
    () => error,
    (reason: unknown) => reason,
  );
}

function lastKey(table: Database<Buffer, Buffer>): number | undefined {
  for (const key of table.getKeys({ reverse: true, limit: 1 })) return decodeNumber(key);
  return undefined;
}

/** Leaving the loop closes the cursor, so nothing stays open behind a page. */
function takePage<Row>(range: Iterable<Row>, read: (row: Row) => StoredEvent): StoredEvent[] {
  const page: StoredEvent[] = [];
  let bytes = 0;
  for (const row of range) {
    const event = read(row);
    page.push(event);
    bytes += event.bytes.length;
    if (page.length === PAGE_EVENTS || bytes >= PAGE_BYTES) break;
  }
  return page;
}
