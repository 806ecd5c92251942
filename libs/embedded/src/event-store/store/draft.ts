import type { EventLog } from './event-log';
import { decideAppend, type ExpectedRevision, type StreamView } from './expected-revision';
import type { RecentIds } from './recent-ids';
import {
  encodeStoredEvent,
  recordEvent,
  type ProposedEvent,
  type StoredEvent,
} from './stored-event';

/** An append as it was asked for, already validated. */
export interface AppendRequest {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly ProposedEvent[];
}

/** `position` is that of the append's last event; undefined when it had none. */
export type AppendOutcome =
  | { readonly kind: 'appended'; readonly revision: number; readonly position?: number }
  | { readonly kind: 'wrong-expected-version'; readonly currentRevision: number };

/**
 * Decides a group of appends that will share one commit, each against the log *and* the
 * appends before it in the group. Nothing here is on disk yet: the outcomes may be told to
 * nobody, refusals included, before {@link events} is committed.
 */
export class Draft {
  /** What the group adds to the log, in order. */
  readonly events: StoredEvent[] = [];
  private readonly byStream = new Map<string, StoredEvent[]>();
  private nextPosition: number;

  constructor(
    private readonly log: EventLog,
    private readonly recentIds: RecentIds,
    private readonly created: number,
  ) {
    this.nextPosition = log.nextPosition;
  }

  add(request: AppendRequest): AppendOutcome {
    const view = this.view(request.stream);
    const ids = request.events.map((event) => event.id);
    const decision = decideAppend(request.expected, ids, view);
    switch (decision.kind) {
      case 'refuse':
        return { kind: 'wrong-expected-version', currentRevision: view.lastRevision };
      case 'retry':
        return this.outcomeAt(request.stream, decision.lastRevision);
      case 'append':
        for (const event of request.events) this.place(request.stream, event);
        return request.events.length > 0
          ? this.outcomeAt(request.stream, this.lastRevision(request.stream))
          : { kind: 'appended', revision: view.lastRevision };
    }
  }

  private place(stream: string, proposed: ProposedEvent): void {
    const event = recordEvent(proposed, {
      stream,
      revision: this.lastRevision(stream) + 1,
      position: this.nextPosition,
      created: this.created,
    });
    this.nextPosition += encodeStoredEvent(event).length;
    this.events.push(event);
    const drafted = this.byStream.get(stream);
    if (drafted) drafted.push(event);
    else this.byStream.set(stream, [event]);
    this.recentIds.remember(event);
  }

  private view(stream: string): StreamView {
    return {
      lastRevision: this.lastRevision(stream),
      idAt: (revision) => this.eventAt(stream, revision)?.id,
      recentRevisionOf: (id) => this.recentIds.revisionOf(stream, id),
    };
  }

  private lastRevision(stream: string): number {
    return this.byStream.get(stream)?.at(-1)?.revision ?? this.log.lastRevision(stream);
  }

  private eventAt(stream: string, revision: number): StoredEvent | undefined {
    const drafted = this.byStream.get(stream);
    const firstDrafted = drafted?.[0]?.revision ?? Infinity;
    return revision >= firstDrafted
      ? drafted?.[revision - firstDrafted]
      : this.log.eventAt(stream, revision);
  }

  private outcomeAt(stream: string, revision: number): AppendOutcome {
    return { kind: 'appended', revision, position: this.eventAt(stream, revision)?.position };
  }
}
