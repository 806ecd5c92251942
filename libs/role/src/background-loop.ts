import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { linesOf, readableMessage } from '@app/observability';

/**
 * Work that a process does all its life: begun when the process is up, stopped and awaited before
 * its connections close. It retries by itself what can be retried; when it fails or ends all the
 * same, the process must not live on without it, so it ends too and its supervisor starts it anew.
 */
export class BackgroundLoop implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly name: string,
    private readonly run: (signal: AbortSignal) => Promise<void>,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.run(this.stopping.signal).then(
      () => this.ended('it ended by itself'),
      (error: unknown) => this.ended(readableMessage(error)),
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private ended(reason: string): void {
    if (this.stopping.signal.aborted) return;
    linesOf('process')('loop stopped', { loop: this.name, reason });
    process.exitCode = 1;
    process.kill(process.pid, 'SIGTERM');
  }
}
