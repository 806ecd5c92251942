import { backOffMs } from '@app/config';

/**
 * Partitions that wait before their first message is tried again. Nothing is kept here that
 * correctness needs: what is uncommitted comes again after any restart.
 */
export class PartitionPauses {
  private readonly failures = new Map<string, number>();
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(private readonly capMs: number) {}

  /**
   * Calls `resume` after a time that grows with each failure in a row.
   *
   * @returns how often the partition's message has failed by now
   */
  add(partition: string, resume: () => void): number {
    const failures = (this.failures.get(partition) ?? 0) + 1;
    this.failures.set(partition, failures);
    const timer = setTimeout(
      () => {
        this.timers.delete(timer);
        resume();
      },
      backOffMs(failures - 1, this.capMs),
    );
    this.timers.add(timer);
    return failures;
  }

  /** A message of that partition was dealt with. */
  succeeded(partition: string): void {
    this.failures.delete(partition);
  }

  clear(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }
}
