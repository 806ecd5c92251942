/**
 * An event store as a list: what EventStoreDB answers, without a disk, a network or a clock. It is
 * the specification that random histories are held against.
 */
export type Expected = 'any' | 'no_stream' | 'stream_exists' | number;
export type Direction = 'forwards' | 'backwards';

export interface ModelEvent {
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  /** What its client called it; the server's own events have ids that nobody foresees. */
  readonly id?: number;
  readonly data?: unknown;
}

export type Answer =
  /** `at` is the place in the log of what was written last; a repeat of what is hidden may have none. */
  | { readonly revision: number; readonly at?: number | undefined }
  | { readonly writtenAt: number }
  /** -1 for a stream without events. */
  | { readonly wrongVersion: number }
  | { readonly events: readonly ModelEvent[] }
  | 'stream not found'
  | 'stream deleted';

/** 2^63 - 1, in numbers of JavaScript: the revision of a tombstone, and `$tb` of a deleted stream. */
const LARGEST = 2 ** 63;

interface Metadata {
  readonly $maxCount?: number;
  readonly $tb?: number;
}

export class Model {
  /** What all holds, in order. */
  readonly log: ModelEvent[] = [];
  /** Where an id was last written: how `any` knows a repeat, until a restart. */
  private readonly memory = new Map<number, ModelEvent>();

  append(
    stream: string,
    expected: Expected,
    events: readonly { id: number; type: string }[],
  ): Answer {
    if (this.isTombstoned(stream)) return 'stream deleted';
    const last = this.lastRevision(stream);
    if (expected === 'stream_exists') {
      if (this.isDeleted(stream)) return 'stream deleted';
      if (!this.exists(stream)) return { wrongVersion: last };
    }
    const places = this.placesOf(stream, expected, events);
    const isNew = places[0] === undefined;
    if (isNew && !this.allows(stream, expected)) return { wrongVersion: last };
    if (!isNew && places.includes(undefined)) return { wrongVersion: last };
    if (!isNew) {
      const repeated = places.at(-1)!;
      const isVisible = this.visible(stream).includes(repeated);
      return { revision: repeated.revision, ...(isVisible && { at: this.log.indexOf(repeated) }) };
    }

    const wasDeleted = this.isDeleted(stream);
    for (const { id, type } of events) this.memory.set(id, this.write(stream, type, { id }));
    const at = this.log.length - 1;
    if (wasDeleted) this.beginAnew(stream, last + 1);
    return { revision: last + events.length, at };
  }

  /** A deleted stream may begin anew; nothing of it can be read until then. */
  delete(stream: string, expected: Expected): Answer {
    if (this.isTombstoned(stream)) return 'stream deleted';
    if (!this.allows(stream, expected) || !this.exists(stream)) {
      return { wrongVersion: this.lastRevision(stream) };
    }
    this.write(metastreamOf(stream), '$metadata', { data: { $tb: LARGEST } });
    return { writtenAt: this.log.length - 1 };
  }

  /** After a tombstone there is nothing more, ever. */
  tombstone(stream: string, expected: Expected): Answer {
    if (this.isTombstoned(stream)) return 'stream deleted';
    if (!this.allows(stream, expected)) return { wrongVersion: this.lastRevision(stream) };
    this.log.push({ stream, revision: LARGEST, type: '$streamDeleted' });
    return { writtenAt: this.log.length - 1 };
  }

  setMetadata(stream: string, metadata: Metadata): Answer {
    if (this.isTombstoned(stream)) return 'stream deleted';
    const wasDeleted = this.isDeleted(stream);
    const { revision } = this.write(metastreamOf(stream), '$metadata', { data: metadata });
    const at = this.log.length - 1;
    if (wasDeleted) this.beginAnew(stream, this.lastRevision(stream) + 1);
    return { revision, at };
  }

  /** Includes the revision it starts from, in both directions. */
  read(
    stream: string,
    { direction, from, maxCount }: { direction: Direction; from: number; maxCount: number },
  ): Answer {
    if (this.isTombstoned(stream)) return 'stream deleted';
    if (this.lastRevision(stream) < 0 || this.isDeleted(stream)) return 'stream not found';
    const visible = this.visible(stream);
    const events =
      direction === 'forwards'
        ? visible.filter(({ revision }) => revision >= from)
        : visible.filter(({ revision }) => revision <= from).reverse();
    return { events: events.slice(0, maxCount) };
  }

  /** Includes the place it starts from forwards, and excludes it backwards. */
  readAll({
    direction,
    from,
    maxCount,
  }: {
    direction: Direction;
    from: number;
    maxCount: number;
  }): Answer {
    const events =
      direction === 'forwards' ? this.log.slice(from) : this.log.slice(0, from).reverse();
    return { events: events.slice(0, maxCount) };
  }

  /** What there is for a subscriber, after a revision. */
  subscribe(stream: string, after: number): Answer {
    if (this.isTombstoned(stream)) return 'stream deleted';
    if (this.isDeleted(stream)) return { events: [] };
    return { events: this.visible(stream).filter(({ revision }) => revision > after) };
  }

  /** What there is for a subscriber to all, after a place in the log, whose filter takes these names. */
  subscribeToAll(after: number, on: 'stream' | 'type', names: readonly string[]): Answer {
    const matches = (event: ModelEvent): boolean =>
      names.some((name) => event[on].startsWith(name));
    return { events: this.log.slice(after + 1).filter(matches) };
  }

  /** A restart: what was only remembered is forgotten. */
  forget(): void {
    this.memory.clear();
  }

  lastRevision(stream: string): number {
    return this.eventsOf(stream).at(-1)?.revision ?? -1;
  }

  /**
   * Where each of some events stands already: after an explicit revision (or `no_stream`) the place
   * is looked at, else the ids are remembered. At the end of a stream all are new.
   */
  private placesOf(
    stream: string,
    expected: Expected,
    events: readonly { id: number }[],
  ): (ModelEvent | undefined)[] {
    const after = asRevision(expected);
    const stored = this.eventsOf(stream);
    return events.map(({ id }, n) => {
      const known = after === undefined ? this.memory.get(id) : stored[after + 1 + n];
      return known?.id === id && known.stream === stream ? known : undefined;
    });
  }

  /** Whether something new may be written to a stream. */
  private allows(stream: string, expected: Expected): boolean {
    const revision = asRevision(expected);
    if (revision === undefined || revision === this.lastRevision(stream)) return true;
    return expected === 'no_stream' && this.isDeleted(stream);
  }

  /** Metadata alone makes a stream exist. */
  private exists(stream: string): boolean {
    return this.lastRevision(stream) >= 0 || this.lastRevision(metastreamOf(stream)) >= 0;
  }

  private beginAnew(stream: string, first: number): void {
    const data = { ...this.metadataOf(stream), $tb: first };
    this.write(metastreamOf(stream), '$metadata', { data });
  }

  private write(stream: string, type: string, rest: { id?: number; data?: unknown }): ModelEvent {
    const event = { stream, revision: this.lastRevision(stream) + 1, type, ...rest };
    this.log.push(event);
    return event;
  }

  /** What metadata leaves to be read. */
  private visible(stream: string): ModelEvent[] {
    const { $maxCount = Infinity, $tb = 0 } = this.metadataOf(stream);
    const first = Math.max($tb, this.lastRevision(stream) - $maxCount + 1);
    return this.eventsOf(stream).filter(({ revision }) => revision >= first);
  }

  private metadataOf(stream: string): Metadata {
    if (isMetastream(stream)) return { $maxCount: 1 };
    return this.eventsOf(metastreamOf(stream)).at(-1)?.data ?? {};
  }

  private isDeleted(stream: string): boolean {
    return this.metadataOf(stream).$tb === LARGEST;
  }

  private isTombstoned(stream: string): boolean {
    const original = isMetastream(stream) ? stream.slice('$$'.length) : stream;
    return this.lastRevision(original) === LARGEST;
  }

  private eventsOf(stream: string): ModelEvent[] {
    return this.log.filter((event) => event.stream === stream);
  }
}

export const metastreamOf = (stream: string): string => `$$${stream}`;
const isMetastream = (stream: string): boolean => stream.startsWith('$$');

/** The revision that is expected, if it is one. */
function asRevision(expected: Expected): number | undefined {
  if (expected === 'no_stream') return -1;
  return typeof expected === 'number' ? expected : undefined;
}
