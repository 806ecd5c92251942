/** One look for all who ask while it is under way, and for a while after it. */
export class SharedLook<T> {
  private latest: Promise<T> | undefined;

  /**
   * @param look what is asked for; a failure is not kept
   * @param keptMs milliseconds for which an answer is good enough, by how long it took
   */
  constructor(
    private readonly look: () => Promise<T>,
    private readonly keptMs: (tookMs: number) => number,
  ) {}

  get(): Promise<T> {
    this.latest ??= this.begin();
    return this.latest;
  }

  private begin(): Promise<T> {
    const begun = performance.now();
    const looking = this.look();
    looking.then(
      () => {
        const keptMs = this.keptMs(performance.now() - begun);
        setTimeout(() => (this.latest = undefined), keptMs).unref();
      },
      () => (this.latest = undefined),
    );
    return looking;
  }
}
