/** Twice that many take about 10 MB of memory. */
const DEFAULT_CAPACITY = 25_000;

/** Where an event stands in its stream. */
interface Place {
  readonly stream: string;
  readonly revision: number;
}

/**
 * The ids of the latest events, by which appends that expect `any` revision recognise a
 * retry. A memory with an end, as in the real server: code must not lean on it.
 *
 * It forgets a generation of ids at a time, since to forget the oldest for each new one costs more than
 * to remember it.
 */
export class RecentIds {
  private young = new Map<string, Place>();
  private old = new Map<string, Place>();

  /** @param capacity how many of the latest are remembered at least; beyond twice as many, none is */
  constructor(private readonly capacity = DEFAULT_CAPACITY) {}

  remember(id: string, place: Place): void {
    if (this.capacity === 0) return;
    if (this.young.size === this.capacity) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(id, place);
  }

  /** Ids belong to a stream: the same id elsewhere is another event. */
  revisionOf(stream: string, id: string): number | undefined {
    const place = this.young.get(id) ?? this.old.get(id);
    return place?.stream === stream ? place.revision : undefined;
  }
}
