/** About 10 MB of memory at most. */
const DEFAULT_CAPACITY = 50_000;

/**
 * The ids of the latest events, by which appends that expect `any` revision recognise a
 * retry. A memory with an end, as in the real server: code must not lean on it.
 */
export class RecentIds {
  private readonly places = new Map<string, { stream: string; revision: number }>();
  /**
   * Goes through them as they came. One for always: what is forgotten leaves a gap at the map's
   * beginning until the map makes room, and a new one would step over thousands of them each time.
   */
  private readonly oldestFirst = this.places.keys();

  constructor(private readonly capacity = DEFAULT_CAPACITY) {}

  remember(event: { id: string; stream: string; revision: number }): void {
    // Deleting first moves a repeated id to the young end of the map.
    this.places.delete(event.id);
    this.places.set(event.id, { stream: event.stream, revision: event.revision });
    if (this.places.size > this.capacity) {
      const { value: oldest } = this.oldestFirst.next();
      if (oldest !== undefined) this.places.delete(oldest);
    }
  }

  /** Ids belong to a stream: the same id elsewhere is another event. */
  revisionOf(stream: string, id: string): number | undefined {
    const place = this.places.get(id);
    return place?.stream === stream ? place.revision : undefined;
  }
}
