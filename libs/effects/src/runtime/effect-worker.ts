import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EffectName } from '@app/domain';
import { channelStream, EventStore } from '@app/event-store';
import { Registry } from '@app/registry';
import type { Effect, EffectTarget } from '../effect';
import { EFFECTS } from '../effects';
import { requestRecording } from './jobs';
import type { Patience } from '@app/config';
import { failpoint } from '@app/config';
import { untilAnswered } from './until-answered';
import { judge } from './verdict';
import type { Work } from './work';
import { finishWork, lockPending, noteAttempt, refuseWork } from './work';

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

  /** @throws what went wrong; nothing was done then, and the job tries again */
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
    await this.bringAbout(work, verdict.target);
  }

  /** Effect, outcome and the job that records it: all or nothing. */
  private async bringAbout(work: Work, target: EffectTarget): Promise<void> {
    const effect = this.effects.get(work.effect)!;
    // First of all, so that no effect can forget it: it waits for the writers that are inside the
    // fence, and what they have written is there to be purged. In a statement of its own: the
    // registrar, a reconnect and the other effects need the row, and must not wait for a long purge.
    await this.registry.end(this.dataSource.manager, work.channelId);
    failpoint('effect:begun', work.effect);
    await this.dataSource.transaction(async (manager) => {
      if (!(await lockPending(manager, work))) return;
      const { counts } = await effect.step(manager, target);
      await finishWork(manager, work, counts);
      await requestRecording(manager, work.channelId);
      failpoint('effect:stepped', work.effect);
    });
    failpoint('effect:committed', work.effect);
  }

  private async refuse(work: Work, messages: number, reason: string): Promise<void> {
    const refused = await this.dataSource.transaction((manager) =>
      refuseWork(manager, work, messages, reason),
    );
    if (refused) this.logger.error({ ...work, reason }, 'refused: messages skipped');
  }
}
