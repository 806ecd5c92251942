import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EffectName } from '@app/domain';
import { channelStream, EventStore } from '@app/event-store';
import { Registry } from '@app/registry';
import type { Effect, EffectStep, EffectTarget } from '../effect';
import { EFFECTS } from '../effects';
import { requestRecording } from './jobs';
import type { Patience } from '@app/config';
import { failpoint } from '@app/config';
import { untilAnswered } from './until-answered';
import { judge } from './verdict';
import type { Work } from './work';
import { countStep, finishWork, lockPending, noteAttempt, refuseWork } from './work';

/** Does what a work row asks for, once, and only if the channel's stream agrees. */
@Injectable()
export class EffectWorker {
  private readonly logger = new Logger(EffectWorker.name);
  private readonly effects: ReadonlyMap<EffectName, Effect>;

  constructor(
    @Inject(EFFECTS) effects: readonly Effect[],
    private readonly dataSource: DataSource,
    private readonly store: EventStore,
    private readonly registry: Registry,
  ) {
    this.effects = new Map(effects.map((effect) => [effect.name, effect]));
  }

  /** @throws what went wrong; the batches before it stand and are counted, and the job tries again */
  async run(work: Work, patience: Patience): Promise<void> {
    const messages = await noteAttempt(this.dataSource.manager, work);
    if (messages === undefined) return;

    const { effect, channelId } = work;
    const end = await untilAnswered(() => this.store.readLast(channelStream(channelId)), patience);
    const verdict = judge(effect, channelId, end);
    if (verdict.kind === 'REFUSED') return this.refuse(work, messages, verdict.reason);
    // The command or the registrar has done so already, unless an older database was restored: then
    // no channel that the registrar brings back lets a writer in for a moment, after the purge.
    const { kind, endedAt } = verdict.ending;
    await this.registry.recordEnding(this.dataSource.manager, channelId, kind, endedAt);
    await this.bringAbout(work, verdict.target, patience);
  }

  /** Batch after batch, none of them in a transaction with another. */
  private async bringAbout(work: Work, target: EffectTarget, patience: Patience): Promise<void> {
    // First of all, so that no effect can forget it: it waits for the writers that are inside the
    // fence, and what they have written is there to be purged. In a statement of its own: the
    // registrar, a reconnect and the other effects need the row, and must not wait for a batch.
    await this.registry.end(this.dataSource.manager, work.channelId);
    failpoint('effect:begun', work.effect);
    let last: EffectStep | undefined;
    do {
      patience.signal.throwIfAborted();
      last = await this.step(work, target, last?.next);
      failpoint('effect:committed', work.effect);
    } while (last?.more);
  }

  /**
   * One batch and its count, and with the last one the outcome and the job that records it: all or
   * nothing.
   *
   * @returns undefined when somebody else has finished the work
   */
  private step(work: Work, target: EffectTarget, after?: string): Promise<EffectStep | undefined> {
    const effect = this.effects.get(work.effect)!;
    return this.dataSource.transaction(async (manager) => {
      if (!(await lockPending(manager, work))) return undefined;
      const step = await effect.step(manager, target, after);
      await countStep(manager, work, step);
      if (!step.more) {
        await finishWork(manager, work);
        await requestRecording(manager, work.channelId);
      }
      failpoint('effect:stepped', work.effect);
      return step;
    });
  }

  private async refuse(work: Work, messages: number, reason: string): Promise<void> {
    const refused = await this.dataSource.transaction((manager) =>
      refuseWork(manager, work, messages, reason),
    );
    if (refused) this.logger.error({ ...work, reason }, 'refused: messages skipped');
  }
}
