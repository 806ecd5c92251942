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

  private constructor(
    private readonly name: string,
    private readonly start: () => Promise<Child>,
    private readonly say: Say,
    private child: Child | undefined,
  ) {}

  /** Starts the child; when even the first start fails, the error reaches the caller. */
  static async start(name: string, start: () => Promise<Child>, say: Say): Promise<KeptRunning> {
    const kept = new KeptRunning(name, start, say, await start());
    void kept.watch();
    return kept;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.child?.stop();
  }

  private async watch(): Promise<void> {
    while (this.child) {
      const startedAt = Date.now();
      const { code, signal } = await this.child.exited;
      if (this.stopping.signal.aborted) return;
      if (Date.now() - startedAt > wellAfterMs) this.pauseMs = firstPauseMs;
      this.child = await this.startAgain(`ended (${signal ?? `code ${code}`})`);
    }
  }

  private async startAgain(reason: string): Promise<Child | undefined> {
    for (;;) {
      this.say(`${this.name} ${reason}: starting it again in ${this.pauseMs / 1_000} s`);
      const { signal } = this.stopping;
      await wait(this.pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return undefined;
      this.pauseMs = Math.min(this.pauseMs * 2, longestPauseMs);
      try {
        const child = await this.start();
        // Stopped while it was starting: nobody else knows of it.
        if (signal.aborted) await child.stop();
        this.say(`${this.name} is back`);
        return child;
      } catch (error) {
        reason = `can't start (${readableMessage(error)})`;
      }
    }
  }
}
