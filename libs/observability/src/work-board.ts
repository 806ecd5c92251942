import { SharedLook } from './shared-look';

/** How far somebody is behind the last event of ours; all zero when caught up. */
export interface Behind {
  /** Events that aren't applied yet. */
  readonly events: number;
  /** Whether they were counted to the end; there are more of them otherwise. */
  readonly counted: boolean;
  /** Between the last event that was applied and the last one that stands in the store. */
  readonly seconds: number;
}

/** What a process has to be about, by kind, and in which states it is as it should be. */
const wellStates = {
  /** Of one term: a stand-by is as ready as a leader, for it takes over within a term. */
  leadership: { 'no candidate': false, leading: true, 'standing by': true },
  /** Of one checkpoint: where somebody else leads, there is nothing to follow. */
  subscriptions: { connecting: false, following: true, interrupted: false, 'standing by': true },
  /** Of one consumer group: joined, with or without a partition. */
  groups: { joining: false, joined: true },
} as const;

export type WorkKind = keyof typeof wellStates;
export type WorkState<K extends WorkKind> = keyof (typeof wellStates)[K] & string;
export const workKinds = Object.keys(wellStates) as readonly WorkKind[];

/** A lasting part of what this process does, as its health tells it. */
export class Work<K extends WorkKind = WorkKind> {
  private now: { readonly state: string; readonly since: Date };
  private lag: SharedLook<Behind> | undefined;

  constructor(
    readonly kind: K,
    readonly name: string,
  ) {
    const [first] = Object.keys(wellStates[kind]);
    this.now = { state: first!, since: new Date() };
  }

  get state(): WorkState<K> {
    return this.now.state as WorkState<K>;
  }

  get since(): Date {
    return this.now.since;
  }

  /** Whether the process does what it is there for, as far as this part is concerned. */
  get isWell(): boolean {
    return (wellStates[this.kind] as Record<string, boolean>)[this.now.state]!;
  }

  become(state: WorkState<K>): void {
    if (state !== this.now.state) this.now = { state, since: new Date() };
  }

  /**
   * How the lag is measured. However many ask, it takes a twentieth of the time at most: what is far
   * behind is counted by reading it.
   */
  measuredBy(lag: () => Promise<Behind>): this {
    this.lag = new SharedLook(lag, (tookMs) => Math.max(500, 20 * tookMs));
    return this;
  }

  /** undefined where nothing measures it. @throws what the stores say */
  behind(): Promise<Behind> | undefined {
    return this.lag?.get();
  }
}

/** All that this process is about at the moment: one board, as there is one log. */
class WorkBoard {
  private readonly works = new Map<string, Work>();

  /** The part of that name, which is put up when it isn't there yet. */
  of<K extends WorkKind>(kind: K, name: string): Work<K> {
    const key = `${kind} ${name}`;
    const known = this.works.get(key);
    if (known) return known as unknown as Work<K>;
    const work = new Work(kind, name);
    this.works.set(key, work as unknown as Work);
    return work;
  }

  /** It isn't done any more, by anybody's decision. */
  remove({ kind, name }: Pick<Work, 'kind' | 'name'>): void {
    this.works.delete(`${kind} ${name}`);
  }

  all(): readonly Work[] {
    return [...this.works.values()];
  }
}

export const workBoard = new WorkBoard();
