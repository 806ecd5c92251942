import type { LogFields } from './fields';

type Recovery = Pick<LogFields, 'tries' | 'durationMs'>;

/** What is said of something that fails again and again until it works: its beginning and its end. */
export class Outage {
  private since: number | undefined;
  private tries = 0;

  /**
   * @param begun told of the first failure
   * @param ended told when it works again
   */
  constructor(
    private readonly begun: (error: unknown) => void,
    private readonly ended: (recovery: Recovery) => void,
  ) {}

  get isOn(): boolean {
    return this.since !== undefined;
  }

  failed(error: unknown): void {
    this.tries += 1;
    if (this.isOn) return;
    this.since = performance.now();
    this.begun(error);
  }

  over(): void {
    if (this.since === undefined) return;
    const durationMs = Math.round(performance.now() - this.since);
    const { tries } = this;
    [this.since, this.tries] = [undefined, 0];
    this.ended({ tries, durationMs });
  }
}
