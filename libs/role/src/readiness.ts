import { Injectable } from '@nestjs/common';
import { within } from '@app/config';
import type { Behind, Work, WorkKind } from '@app/observability';
import { workBoard, workKinds } from '@app/observability';
import type { EngineState } from './engine-watch';
import { EngineWatch } from './engine-watch';

/**
 * What a process says of itself. It is `ready` when every engine that it needs answers, it leads or
 * stands by wherever it is a candidate, it follows the event store where it leads, and it has joined
 * its consumer groups. Being far behind is told and not judged: a process that is taken out or started
 * again is further behind. Nothing here ends a process; what only a new one mends ends by itself.
 */
export interface HealthReport {
  readonly status: 'ready' | 'not ready' | 'stopping';
  readonly engines: Readonly<Record<string, Omit<EngineState, 'name'>>>;
  /** Of each term, of each checkpoint, of each consumer group. */
  readonly work: Readonly<Record<WorkKind, Readonly<Record<string, WorkReport>>>>;
}

/** One part of it. */
export interface WorkReport {
  readonly state: string;
  readonly since: Date;
  /** null: not known at the moment; absent where nothing measures it. */
  readonly lag?: Behind | null;
}

/** For whoever may not know more: no host, no user, no line of an engine. */
export interface BriefHealth {
  readonly status: HealthReport['status'];
  readonly engines: Readonly<Record<string, EngineState['state']>>;
}

/** All that a process says that is to end. */
export interface Stopping {
  readonly status: 'stopping';
}

/** Milliseconds that a lag is waited for: an answer without it is worth more than a late one. */
const lagWithinMs = 800;

/** Whether this process wants to be asked for anything. */
@Injectable()
export class Readiness {
  private stopping = false;

  constructor(private readonly engines: EngineWatch) {}

  /**
   * `ready` answers 503 from now on: said first of all when a process ends, while it still answers, so
   * that whoever balances load takes it out before it closes its port.
   */
  stop(): void {
    this.stopping = true;
  }

  /**
   * What is said to whoever asks; at once by a process that is to end, since an engine that hangs must not
   * keep it in a balancer, and the same by one that is told so meanwhile.
   */
  async answer(isBrief: boolean): Promise<HealthReport | BriefHealth | Stopping> {
    if (!this.stopping) {
      const health = await (isBrief ? this.brief() : this.report());
      if (!this.stopping) return health;
    }
    return { status: 'stopping' };
  }

  /** All of it, within a second; for operators only: it names hosts. */
  async report(): Promise<HealthReport> {
    const [engines, lags] = await Promise.all([this.engines.look(), lagsOf(workBoard.all())]);
    // As it is now, like the verdict: much may have changed while that was waited for.
    const works = workBoard.all();
    const ofKind = (wanted: WorkKind): Record<string, WorkReport> =>
      Object.fromEntries(
        works
          .filter(({ kind }) => kind === wanted)
          .map((work) => [work.name, { state: work.state, since: work.since, ...lags.get(work) }]),
      );
    return {
      status: this.statusOf(engines, works),
      engines: Object.fromEntries(engines.map(({ name, ...state }) => [name, state])),
      work: Object.fromEntries(
        workKinds.map((kind) => [kind, ofKind(kind)]),
      ) as HealthReport['work'],
    };
  }

  /** The same in brief, for a port that callers reach. */
  async brief(): Promise<BriefHealth> {
    const engines = await this.engines.look();
    return {
      status: this.statusOf(engines, workBoard.all()),
      engines: Object.fromEntries(engines.map(({ name, state }) => [name, state])),
    };
  }

  private statusOf(
    engines: readonly EngineState[],
    works: readonly Work[],
  ): HealthReport['status'] {
    if (this.stopping) return 'stopping';
    const isReady =
      engines.every(({ state }) => state === 'ok') && works.every(({ isWell }) => isWell);
    return isReady ? 'ready' : 'not ready';
  }
}

/** Of each that is measured. */
async function lagsOf(works: readonly Work[]): Promise<Map<Work, Pick<WorkReport, 'lag'>>> {
  const measured = works.map(async (work) => {
    const measuring = work.behind();
    const lag = measuring && (await within(lagWithinMs, measuring).catch(() => null));
    return [work, lag === undefined ? {} : { lag }] as const;
  });
  return new Map(await Promise.all(measured));
}
