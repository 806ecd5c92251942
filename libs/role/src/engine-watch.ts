import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { gauge, linesOf, readableMessage, SharedLook } from '@app/observability';
import type { Probe } from './probes';

/** An engine as this process sees it. */
export interface EngineState {
  readonly name: string;
  readonly state: 'ok' | 'away';
  /** Of that state. */
  readonly since: Date;
  /** Milliseconds that the latest answer took, or was waited for. */
  readonly ms: number;
  /** One line; it may name hosts, and is for operators. */
  readonly problem?: string;
}

const up = gauge({
  name: 'postbreeze_engine_up',
  help: 'Whether an engine can be used by this process, as it looks each second: 1, or 0 while it is away.',
  labels: ['engine'],
});

/** Between two looks, so that an outage is told when it begins, whether anybody asks or not. */
const everyMs = 1_000;
/** Balancers and people ask as often as they like: an answer is good for this long. */
const keptMs = 250;
/** Kubernetes gives a probe a second by default. An engine that takes longer holds everybody up. */
const timeoutMs = 900;

/** Looks at the engines, and says once when one goes away and once when it is back. */
export class EngineWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly say = linesOf('engines');
  private readonly states = new Map<string, EngineState>();
  private readonly looking = new SharedLook(
    () => Promise.all(this.probes.map((probe) => this.ask(probe))),
    () => keptMs,
  );
  private timer: NodeJS.Timeout | undefined;
  private isOver = false;

  constructor(private readonly probes: readonly Probe[]) {}

  onApplicationBootstrap(): void {
    if (this.probes.length === 0) return;
    this.timer = setInterval(() => void this.look(), everyMs).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.isOver = true;
    for (const probe of this.probes) probe.close();
  }

  /** All of them, at most a quarter of a second ago, and within a second. */
  look(): Promise<readonly EngineState[]> {
    return this.isOver ? Promise.resolve([...this.states.values()]) : this.looking.get();
  }

  private async ask({ name, check }: Probe): Promise<EngineState> {
    const begun = performance.now();
    const problem = await check(timeoutMs).then(
      () => undefined,
      (error: unknown) => readableMessage(error),
    );
    const ms = Math.round(performance.now() - begun);
    return this.note(name, ms, problem);
  }

  private note(name: string, ms: number, problem: string | undefined): EngineState {
    const before = this.states.get(name);
    const state = problem === undefined ? 'ok' : 'away';
    const isNew = before?.state !== state;
    const since = isNew ? new Date() : before.since;
    const now = { name, state, since, ms, ...(problem === undefined ? {} : { problem }) } as const;
    this.states.set(name, now);
    up.set({ engine: name }, problem === undefined ? 1 : 0);
    if (isNew && !this.isOver) this.tell(now, before);
    return now;
  }

  private tell({ name: engine, problem, since }: EngineState, before?: EngineState): void {
    if (problem !== undefined) return this.say('engine away', { engine, reason: problem });
    // That all are there at the start, everybody knows who sees it ready.
    if (!before) return;
    this.say('engine back', { engine, durationMs: since.getTime() - before.since.getTime() });
  }
}
