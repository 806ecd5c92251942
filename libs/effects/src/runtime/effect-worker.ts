import { setTimeout as wait } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import type { Patience } from '@app/config';
import { failpoint, Settings } from '@app/config';
import type { EffectName } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';
import { channelStream, EventStore, UnknownEventType } from '@app/event-store';
import { inSpanBelow, linesOf } from '@app/observability';
import { KnownHistory, Registry, UnknownHistory } from '@app/registry';
import type { Effect, EffectStep, EffectTarget } from '../effect';
import { EFFECTS } from '../effects';
import { countFailure, countSkipped } from './effect-metrics';
import { effectSpan } from './effect-span';
import { requestEffect, requestRecording } from './jobs';
import { inOneTry, silentMsOf } from './one-try';
import { noteFailure } from './parking';
import { untilAnswered } from './until-answered';
import { judge } from './verdict';
import type { Attempt, FinishedWork, Work } from './work';
import { countStep, finishWork, lockPending, noteAttempt, refuseWork, takeBackTry } from './work';

/** How many times as long as a full batch took nothing is done after it, within a limit. */
const restFactor = 9;
const maxRestMs = 500;

/** Milliseconds until work is asked for again that somebody else has in hand. */
const comeAgainMs = 1_000;
/** The same, while the event store is none that can deny a disconnect. */
const otherStoreMs = 60_000;

/** A try under way, with the connection that is its own. */
interface GivenTry {
  readonly work: Work;
  readonly manager: EntityManager;
  readonly patience: Patience;
}

/** What a line says of the event that an effect belongs to. */
function causeIn(end: RecordedEvent | undefined) {
  return { correlationId: end?.metadata.correlationId, eventId: end?.id };
}

/** A batch; with the last one, how all of it has ended. */
type WorkStep = EffectStep & { readonly finished: FinishedWork | undefined };

/** Does what a work row asks for, once, and only if the channel's stream agrees. */
@Injectable()
export class EffectWorker {
  private readonly say = linesOf(EffectWorker.name);
  private readonly effects: ReadonlyMap<EffectName, Effect>;

  constructor(
    @Inject(EFFECTS) effects: readonly Effect[],
    private readonly dataSource: DataSource,
    private readonly store: EventStore,
    private readonly registry: Registry,
    private readonly history: KnownHistory,
    private readonly settings: Settings,
  ) {
    this.effects = new Map(effects.map((effect) => [effect.name, effect]));
  }

  /**
   * Tries once; the last try of work that never gets on parks it. A stop gives the work back: to a new
   * job, which may be taken at once, while one that fails has to wait before it is tried again.
   *
   * While another try is under way there is none, but a job that comes a little later: what has been
   * asked for meanwhile may be more than that one knows of, and graphile-worker runs a job no more once
   * another one of its key was added beside it.
   *
   * @throws what went wrong; the batches before it stand and are counted, and the job tries again
   */
  async run(work: Work, patience: Patience): Promise<void> {
    const { dataSource, settings } = this;
    const isTried = await inOneTry(dataSource, work, silentMsOf(settings), (manager) =>
      this.tryOnce({ work, manager, patience }),
    );
    if (!isTried) await requestEffect(dataSource.manager, work, comeAgainMs);
  }

  private async tryOnce(given: GivenTry): Promise<void> {
    const { work, manager, patience } = given;
    const attempt = await noteAttempt(manager, work);
    if (!attempt) return;
    // Each of the tries before has ended its process before it could say so.
    if (attempt.tries > this.settings.effectMaxTries) return this.fail(work, attempt, undefined);
    try {
      await this.attempt(given, attempt);
    } catch (error) {
      if (patience.signal.aborted) return this.giveBack(work, attempt);
      if (error instanceof UnknownEventType) {
        await takeBackTry(this.dataSource.manager, work, attempt);
        throw error;
      }
      if (error instanceof UnknownHistory) {
        this.say('not confirmed by an event store that is restored or another one', {
          ...work,
          err: error,
        });
        return this.giveBack(work, attempt, otherStoreMs);
      }
      await this.fail(work, attempt, error);
    }
  }

  private async attempt(given: GivenTry, attempt: Attempt): Promise<void> {
    const { work, manager, patience } = given;
    const { effect, channelId } = work;
    const begunAt = performance.now();
    // Nobody takes it for dead while the event store is away.
    const onWait = (): Promise<unknown> => manager.query('SELECT');
    const end = await untilAnswered(
      () => this.store.readLast(channelStream(channelId)),
      patience,
      onWait,
    );
    const verdict = judge(effect, channelId, end);
    // What a store lacks that has lost events is no hearsay.
    if (verdict.kind === 'REFUSED') {
      await untilAnswered(() => this.history.requireWhole(), patience, onWait);
      return this.refuse(given, attempt, verdict.reason);
    }
    // The command or the registrar has done so already, unless an older database was restored: then
    // no channel that the registrar brings back lets a writer in for a moment, after the purge.
    const { kind, endedAt } = verdict.ending;
    await this.registry.recordEnding(manager, channelId, kind, endedAt);
    const cause = causeIn(end);
    this.say('effect begun', { ...work, ...cause, attempt: attempt.attempts });
    // Below the event and not below the message that asked: nobody can forge that.
    const done = await inSpanBelow(end?.metadata.traceparent, effectSpan(work, attempt), () =>
      this.bringAbout(given, verdict.target),
    );
    // Somebody else was first, and says so.
    if (!done) return;
    const durationMs = Math.round(performance.now() - begunAt);
    this.say('effect done', { ...work, ...cause, ...done, durationMs });
  }

  /** @throws the error again, unless the work is parked: then nothing is left to try */
  private async fail(work: Work, attempt: Attempt, error: unknown): Promise<void> {
    const failure = { error, maxTries: this.settings.effectMaxTries };
    const parked = await this.dataSource.transaction(async (manager) => {
      const isParked = await noteFailure(manager, work, attempt, failure);
      if (isParked) await requestRecording(manager, work.channelId);
      return isParked;
    });
    countFailure(work.effect, parked);
    const what = { ...work, ...(await this.causeOf(work)), attempt: attempt.attempts, err: error };
    if (parked) {
      this.say('effect PARKED: mend the cause, then redrive it', what);
      return;
    }
    this.say('effect will be tried again', what);
    throw error;
  }

  /** For a line of a try that may not have got as far as to know it; none while the store is away. */
  private async causeOf({ channelId }: Work): Promise<ReturnType<typeof causeIn>> {
    const end = this.store.readLast(channelStream(channelId));
    return causeIn(await end.catch(() => undefined));
  }

  /** @param runAfterMs see `requestEffect` */
  private giveBack(work: Work, attempt: Attempt, runAfterMs = 0): Promise<void> {
    return this.dataSource.transaction(async (manager) => {
      await takeBackTry(manager, work, attempt);
      await requestEffect(manager, work, runAfterMs);
    });
  }

  /**
   * Batch after batch, none of them in a transaction with another.
   *
   * @returns undefined when somebody else has finished the work
   */
  private async bringAbout(
    given: GivenTry,
    target: EffectTarget,
  ): Promise<FinishedWork | undefined> {
    const { work, manager, patience } = given;
    // First of all, so that no effect can forget it: it waits for the writers that are inside the
    // fence, and what they have written is there to be purged. In a statement of its own: the
    // registrar, a reconnect and the other effects need the row, and must not wait for a batch.
    await this.registry.end(manager, work.channelId);
    failpoint('effect:begun', work.effect);
    for (let last: WorkStep | undefined; ;) {
      patience.signal.throwIfAborted();
      const begun = performance.now();
      last = await this.step(given, target, last?.next);
      failpoint('effect:committed', work.effect);
      if (!last?.more) return last?.finished;
      if (last.next !== undefined) await restAfter(performance.now() - begun, patience);
    }
  }

  /**
   * One batch and its count, and with the last one the outcome and the job that records it: all or
   * nothing.
   *
   * @returns undefined when somebody else has finished the work
   */
  private step(
    { work, manager: own }: GivenTry,
    target: EffectTarget,
    after?: string,
  ): Promise<WorkStep | undefined> {
    const effect = this.effects.get(work.effect)!;
    return own.transaction(async (manager) => {
      if (!(await lockPending(manager, work))) return undefined;
      const step = await effect.step(manager, target, after);
      await countStep(manager, work, step);
      let finished: FinishedWork | undefined;
      if (step.more) await commitUnhurriedly(manager);
      else {
        finished = await finishWork(manager, work);
        await requestRecording(manager, work.channelId);
      }
      failpoint('effect:stepped', work.effect);
      return { ...step, finished };
    });
  }

  private async refuse(
    { work, manager: own }: GivenTry,
    { messages }: Attempt,
    reason: string,
  ): Promise<void> {
    const refused = await own.transaction((manager) => refuseWork(manager, work, messages, reason));
    if (!refused) return;
    countSkipped(work.effect, messages);
    this.say('refused: messages skipped', { ...work, reason });
  }
}

/**
 * A purge works a tenth of the time: whatever the database is short of (processors, the disk that
 * commits wait for) is left to others, the more so the busier it is. Measured by bench:purge, on two
 * processors that also run everything else: p99 of other writers is 1.9 times what it is without, and
 * a million rows take 75 s; without a rest they took 5 s, and the others several times as long. Nobody
 * waits for a purge. A batch that took long has waited for a lock: no work.
 */
async function restAfter(ms: number, { signal }: Patience): Promise<void> {
  const restMs = Math.min(restFactor * ms, maxRestMs);
  await wait(restMs, undefined, { signal }).catch(() => undefined);
}

/**
 * This transaction's commit doesn't wait for the disk, nor makes the commits of others wait in line
 * behind it. What a crash of the server takes back, it takes back with its count; the last batch
 * waits for the disk, and so for all before it.
 */
async function commitUnhurriedly(manager: EntityManager): Promise<void> {
  await manager.query('SET LOCAL synchronous_commit = off');
}
