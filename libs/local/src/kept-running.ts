import { setTimeout as wait } from 'node:timers/promises';
import { readableMessage } from '@app/observability';
import type { Child, Say } from './child';

const firstPauseMs = 500;
const longestPauseMs = 10_000;
/** A child that lived this long was well: the next pause is the first one again. */
const wellAfterMs = 30_000;

/** A child that is started again, with a back-off, whenever it ends by itself. */
export class KeptRunning {
  private readonly stopping = new AbortController();
  private pauseMs = firstPauseMs;
  private watching: Promise<void> = Promise.resolve();

  private constructor(
    private readonly name: string,
    private readonly start: () => Promise<Child>,
    private readonly say: Say,
    private child: Child,
  ) {}

  /** Starts the child; when even the first start fails, the error reaches the caller. */
  static async start(name: string, start: () => Promise<Child>, say: Say): Promise<KeptRunning> {
    const kept = new KeptRunning(name, start, say, await start());
    kept.watching = kept.watch();
    return kept;
  }

  /** Ends the child; one that is just being started again is awaited, and ended then. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.child.stop();
    await this.watching;
  }

  private async watch(): Promise<void> {
    const { signal: stop } = this.stopping;
    while (!stop.aborted) {
      const startedAt = Date.now();
      const { code, signal } = await this.child.exited;
      if (Date.now() - startedAt > wellAfterMs) this.pauseMs = firstPauseMs;
      await this.startAgain(`ended (${signal ?? `code ${code}`})`);
    }
  }

  private async startAgain(reason: string): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      this.say(`${this.name} ${reason}: starting it again in ${this.pauseMs / 1_000} s`);
      await wait(this.pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      this.pauseMs = Math.min(this.pauseMs * 2, longestPauseMs);
      try {
        const child = await this.start();
        // Stopped while it was starting: nobody else knows of it.
        if (signal.aborted) return await child.stop();
        this.child = child;
        return this.say(`${this.name} is back`);
      } catch (error) {
        reason = `can't start (${readableMessage(error)})`;
      }
    }
  }
}
