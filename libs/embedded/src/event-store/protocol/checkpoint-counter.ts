/**
 * When a filtered subscription gets a checkpoint: after every `interval` considered events,
 * matched or not. Without them a client whose filter matches little would never learn how far
 * it has come.
 */
export class CheckpointCounter {
  private considered = 0;

  constructor(private readonly interval: number) {}

  /** Counts one event. @returns whether a checkpoint is due after it */
  consider(): boolean {
    this.considered = (this.considered + 1) % this.interval;
    return this.considered === 0;
  }

  /**
   * Going live has a checkpoint of its own, unless nothing was considered since the last one; live
   * counting begins anew.
   *
   * @returns whether a checkpoint is due before it
   */
  goLive(): boolean {
    const due = this.considered > 0;
    this.considered = 0;
    return due;
  }
}
