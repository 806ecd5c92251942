import { randomUUID } from 'node:crypto';
import type { EventLog } from './event-log';
import { decideAppend, type ExpectedRevision, type StreamView } from './expected-revision';
import type { RecentIds } from './recent-ids';
import { Recorder } from './recorder';
import { isTombstoned, metadataEventOf, metadataOf, type Streams } from './retention';
import { dataOf, type ProposedEvent, type StoredEvent } from './stored-event';
import { isSoftDeleted, revival, softDeletion } from './stream-metadata';
import { describedBy, metastreamOf, TOMBSTONE, TOMBSTONE_TYPE } from './system-streams';

/** An append as it was asked for, already validated. */
export interface AppendRequest {
  readonly kind: 'append';
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly ProposedEvent[];
}

/** The end of a stream: `delete` until somebody appends again, `tombstone` for ever. */
export interface DeleteRequest {
  readonly kind: 'delete' | 'tombstone';
  readonly stream: string;
  readonly expected: ExpectedRevision;
}

export type WriteRequest = AppendRequest | DeleteRequest;

/** `position` is that of the last event that was asked for; undefined when there was none. */
export type WriteOutcome =
  | { readonly kind: 'written'; readonly revision: number; readonly position?: number }
  | { readonly kind: 'wrong-expected-version'; readonly currentRevision: number }
  | { readonly kind: 'stream-deleted' };

/**
 * Decides a group of writes that will share one commit, each against the log *and* the
 * writes before it in the group. Nothing here is on disk yet: the outcomes may be told to
 * nobody, refusals included, before {@link events} is committed.
 */
export class Draft implements Streams {
  /** What the group adds to the log, in order. */
  readonly events: StoredEvent[] = [];
  private readonly byStream = new Map<string, StoredEvent[]>();
  private readonly recorder: Recorder;
  private nextPosition: number;

  constructor(
    private readonly log: EventLog,
    private readonly recentIds: RecentIds,
    created: number,
  ) {
    this.recorder = new Recorder(created);
    this.nextPosition = log.nextPosition;
  }

  /** @throws whatever goes wrong while it is decided; the draft is then what it was before */
  add(request: WriteRequest): WriteOutcome {
    const before = this.events.length;
    try {
      return request.kind === 'append' ? this.append(request) : this.delete(request);
    } catch (error) {
      this.takeBack(before);
      throw error;
    }
  }

  lastRevision(stream: string): number {
    return this.byStream.get(stream)?.at(-1)?.revision ?? this.log.lastRevision(stream);
  }

  eventAt(stream: string, revision: number): StoredEvent | undefined {
    const drafted = this.byStream.get(stream);
    const firstDrafted = drafted?.[0]?.revision ?? Infinity;
    return revision >= firstDrafted
      ? drafted?.[revision - firstDrafted]
      : this.log.eventAt(stream, revision);
  }

  private append({ stream, expected, events }: AppendRequest): WriteOutcome {
    const view = this.view(stream);
    const ids = events.map((event) => event.id);
    const decision = decideAppend(expected, ids, view);
    if (decision.kind === 'retry') return this.written(stream, decision.lastRevision);
    if (decision.kind !== 'append') return refusalOf(decision, view);
    if (events.length === 0) return { kind: 'written', revision: view.lastRevision };

    const revived = this.revivedBy(stream, view);
    for (const event of events) this.place(stream, event);
    const outcome = this.written(stream, this.lastRevision(stream));
    if (revived !== undefined) this.revive(revived.stream, revived.from);
    const first = view.lastRevision + 1;
    events.forEach(({ id }, n) => this.recentIds.remember(id, { stream, revision: first + n }));
    return outcome;
  }

  /** As the real server does it: metadata that hides all, or an event that ends the stream. */
  private delete({ kind, stream, expected }: DeleteRequest): WriteOutcome {
    const view = this.view(stream);
    const decision = decideAppend(expected, [randomUUID()], view);
    if (decision.kind === 'deleted' || decision.kind === 'refuse') return refusalOf(decision, view);
    if (kind === 'tombstone') return this.tombstone(stream);
    if (view.lastRevision < 0 && !view.hasMetadata()) return refusalOf({ kind: 'refuse' }, view);
    return this.placed(this.place(metastreamOf(stream), softDeletion()));
  }

  private tombstone(stream: string): WriteOutcome {
    const end: ProposedEvent = {
      id: randomUUID(),
      type: TOMBSTONE_TYPE,
      contentType: 'application/octet-stream',
      data: Buffer.alloc(0),
      customMetadata: Buffer.alloc(0),
    };
    return this.placed(this.place(stream, end, TOMBSTONE));
  }

  /**
   * Which soft-deleted stream an append to this one makes readable again, and from which revision on:
   * itself, or the one that it holds the metadata of. To be asked before the append is placed.
   */
  private revivedBy(
    stream: string,
    { isSoftDeleted: isGone, lastRevision }: StreamView,
  ): { stream: string; from: number } | undefined {
    if (isGone) return { stream, from: lastRevision + 1 };
    const described = describedBy(stream);
    if (described === undefined || !isSoftDeleted(metadataOf(this, described))) return undefined;
    return { stream: described, from: this.lastRevision(described) + 1 };
  }

  private revive(stream: string, from: number): void {
    const metadata = metadataEventOf(this, stream);
    this.place(metastreamOf(stream), revival(metadata ? dataOf(metadata) : Buffer.alloc(0), from));
  }

  private place(
    stream: string,
    proposed: ProposedEvent,
    revision = this.lastRevision(stream) + 1,
  ): StoredEvent {
    const event = this.recorder.record(proposed, {
      stream,
      revision,
      position: this.nextPosition,
    });
    this.nextPosition = event.next;
    this.events.push(event);
    const drafted = this.byStream.get(stream);
    if (drafted) drafted.push(event);
    else this.byStream.set(stream, [event]);
    return event;
  }

  private takeBack(before: number): void {
    for (const { stream, position } of this.events.splice(before).reverse()) {
      const drafted = this.byStream.get(stream);
      drafted?.pop();
      if (drafted?.length === 0) this.byStream.delete(stream);
      this.nextPosition = position;
    }
  }

  private view(stream: string): StreamView {
    return {
      lastRevision: this.lastRevision(stream),
      isTombstoned: isTombstoned(this, stream),
      isSoftDeleted: isSoftDeleted(metadataOf(this, stream)),
      hasMetadata: () => metadataEventOf(this, stream) !== undefined,
      idAt: (revision) => this.eventAt(stream, revision)?.id,
      recentRevisionOf: (id) => this.recentIds.revisionOf(stream, id),
    };
  }

  private written(stream: string, revision: number): WriteOutcome {
    return { kind: 'written', revision, position: this.eventAt(stream, revision)?.position };
  }

  private placed({ revision, position }: StoredEvent): WriteOutcome {
    return { kind: 'written', revision, position };
  }
}

function refusalOf(
  decision: { kind: 'refuse' | 'deleted' },
  { lastRevision }: StreamView,
): WriteOutcome {
  return decision.kind === 'deleted'
    ? { kind: 'stream-deleted' }
    : { kind: 'wrong-expected-version', currentRevision: lastRevision };
}
