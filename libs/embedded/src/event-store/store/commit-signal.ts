/** Wakes whoever waits for new events. It carries none: the woken read the log. */
export class CommitSignal {
  private readonly waiting = new Set<() => void>();

  /** Settles at the next commit, or as soon as the waiter is no longer interested. */
  next(abandoned: AbortSignal): Promise<void> {
    if (abandoned.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.waiting.delete(wake);
        abandoned.removeEventListener('abort', wake);
        resolve();
      };
      this.waiting.add(wake);
      abandoned.addEventListener('abort', wake);
    });
  }

  notify(): void {
    for (const wake of [...this.waiting]) wake();
  }
}
