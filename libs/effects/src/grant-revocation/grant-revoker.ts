import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import type { Patience } from '@app/config';
import { failpoint, Settings } from '@app/config';
import type { ChannelId, EffectCounts, EffectOutcomeStatus } from '@app/domain';
import { channelStream, EventStore } from '@app/event-store';
import { inSpanBelow, linesOf } from '@app/observability';
import type { RevocationIntent } from '@app/registry';
import { Grants, Registry } from '@app/registry';
import type { RevocationCopy } from '@app/token-vault';
import { RevocationCopies } from '@app/token-vault';
import type { EffectTarget } from '../effect';
import { effectSpan } from '../runtime/effect-span';
import { requestEffect, requestRecording } from '../runtime/jobs';
import { untilAnswered } from '../runtime/until-answered';
import { judge } from '../runtime/verdict';
import type { Attempt, FinishedWork } from '../runtime/work';
import { countStep, finishWork, lockPending, noteAttempt, noteReason } from '../runtime/work';
import { CaughtUpRegistry } from './caught-up-registry';
import { GrantPlatforms } from './platforms/grant-platforms';
import type { RetryReason } from './platforms/revocation-platform';

/** How a try has ended; `intent` is what the platform's answer confirms. */
interface Ended {
  readonly outcome: EffectOutcomeStatus;
  readonly counts?: EffectCounts;
  readonly intent?: RevocationIntent;
  /** Why it failed. */
  readonly reason?: string;
}

/**
 * What stands in the way on our side: `not_confirmed`: the stream doesn't say that the channel has ended, or
 * that its grant is to be withdrawn.
 */
type OwnReason = 'not_confirmed' | 'copy_unreadable' | 'registry_behind';
/** Why there is another try. */
type Again = { readonly again: RetryReason | OwnReason };

const effect = 'grant-revocation';
const longestWaitMs = 5 * 60_000;
/** Milliseconds that the registrar has to come to where the streams end. */
const catchUpMs = 2_000;
/** Milliseconds from an intent to its call at most, which the intent covers. */
const graceMs = 2_000;

/**
 * Withdraws the grant of a channel that has ended, unless another one is on it. No transaction is
 * open while the platform is called, and each step may be the last one of a process: the next try
 * goes on from what stands. However it ends, the copy's key is destroyed before the work is closed.
 */
@Injectable()
export class GrantRevoker {
  private readonly say = linesOf(GrantRevoker.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly store: EventStore,
    private readonly registry: Registry,
    private readonly grants: Grants,
    private readonly registrySoFar: CaughtUpRegistry,
    private readonly copies: RevocationCopies,
    private readonly platforms: GrantPlatforms,
    private readonly settings: Settings,
  ) {}

  /**
   * Tries once; the next try, if there is one, is a job by then.
   *
   * @throws what went wrong on our side: the job tries again, and the copy ends in time all the same
   */
  async run(channelId: ChannelId, patience: Patience): Promise<void> {
    const { manager } = this.dataSource;
    const attempt = await noteAttempt(manager, { effect, channelId });
    if (!attempt) return;
    const copy = await this.copies.find(manager, channelId);
    if (!copy) return this.end(channelId, { outcome: 'FAILED', reason: 'no_copy' });
    if (copy.outcome) return this.close(channelId, copy, copy.outcome);
    // A call that is begun now must be over before the copy has to go.
    if (copy.leftMs <= this.platforms.timeoutMs + graceMs) return this.giveUp(channelId);

    const end = await untilAnswered(() => this.store.readLast(channelStream(channelId)), patience);
    const verdict = judge(effect, channelId, end);
    // No hearsay, as a message might be: the wipe asked for it, once the stream had confirmed it. A stream
    // that denies it now is of a store that was restored, or of a wrong one, and may say so again.
    if (verdict.kind === 'REFUSED') return this.tryAgain(channelId, copy, attempt, 'not_confirmed');
    // Of channels that end together none may count for another one once it has come here.
    const { kind, endedAt } = verdict.ending;
    await this.registry.recordEnding(manager, channelId, kind, endedAt);
    const span = effectSpan({ effect, channelId }, attempt);
    const tried = await inSpanBelow(end?.metadata.traceparent, span, () =>
      this.attempt(verdict.target, copy, patience.signal),
    );
    if ('again' in tried) return this.tryAgain(channelId, copy, attempt, tried.again);
    return this.end(channelId, tried);
  }

  /**
   * The hour is over: final, whatever the platform would have said. Needs no event store.
   *
   * @throws when the copy's key can't be destroyed, or the database is away
   */
  async giveUp(channelId: ChannelId): Promise<void> {
    const copy = await this.copies.find(this.dataSource.manager, channelId);
    // Settled before, with a key that could not be destroyed.
    if (copy?.outcome) return this.close(channelId, copy, copy.outcome);
    await this.end(channelId, { outcome: 'FAILED', reason: 'hour_over' });
  }

  private async attempt(
    { channelId, workspaceId, revokedOn }: EffectTarget,
    copy: RevocationCopy,
    signal: AbortSignal,
  ): Promise<Ended | Again> {
    const { manager } = this.dataSource;
    const token = this.copies.open(copy, { channelId, workspaceId: workspaceId! });
    if (!token) return { again: 'copy_unreadable' };
    const isCaughtUp = await this.registrySoFar.isThere(catchUpMs, signal);
    const grantRef = await this.grants.refOf(manager, channelId);
    if (!isCaughtUp || grantRef === undefined) return { again: 'registry_behind' };

    const callMs = this.platforms.timeoutMs + graceMs;
    const begunAt = performance.now();
    const intent = await this.dataSource.transaction((own) =>
      this.grants.beginRevocation(own, grantRef, channelId, callMs),
    );
    if (!intent) return { outcome: 'KEPT_SHARED' };
    failpoint('revocation:intended');
    if (performance.now() - begunAt > graceMs) throw new Error('an intent took too long to commit');
    const answer = await this.platforms.revoke(revokedOn!, token, signal);
    failpoint('revocation:called');
    switch (answer.kind) {
      case 'revoked':
        return { outcome: 'DONE', counts: { revoked: 1 }, intent };
      case 'already_revoked':
        // Unknown, because it was used to refresh? Then the grant stands, on tokens that never came here.
        if (copy.mayBeSpent) return { outcome: 'FAILED', reason: 'refresh_under_way' };
        return { outcome: 'DONE', counts: { alreadyRevoked: 1 }, intent };
      case 'unsupported':
        return { outcome: 'NOT_SUPPORTED' };
      case 'retry':
        return { again: answer.reason };
    }
  }

  /** The outcome first, beside what is left of the copy: nothing that follows can lose it. */
  private async end(channelId: ChannelId, ended: Ended): Promise<void> {
    const { outcome, counts = {}, intent } = ended;
    const work = { effect, channelId } as const;
    await this.dataSource.transaction(async (manager) => {
      const isPending = await lockPending(manager, work);
      if (isPending && outcome === 'FAILED') this.alert(channelId, ended.reason!);
      if (!(await this.copies.settle(manager, channelId, outcome))) return;
      if (isPending) await countStep(manager, work, { counts });
      if (!intent) return;
      await this.tellWhoLost(manager, channelId, intent);
      await this.grants.confirmRevocation(manager, intent);
    });
    failpoint('revocation:settled');
    const copy = await this.copies.find(this.dataSource.manager, channelId);
    await this.close(channelId, copy, copy?.outcome ?? outcome);
  }

  /** The key before the work: no receipt is complete while anything could open the token. */
  private async close(
    channelId: ChannelId,
    copy: RevocationCopy | undefined,
    outcome: EffectOutcomeStatus,
  ): Promise<void> {
    if (copy) this.copies.destroyKey(copy);
    failpoint('revocation:forgotten');
    const work = { effect, channelId } as const;
    const finished = await this.dataSource.transaction(async (manager) => {
      let ended: FinishedWork | undefined;
      if (await lockPending(manager, work)) {
        ended = await finishWork(manager, work, outcome);
        await requestRecording(manager, channelId);
      }
      await this.copies.forget(manager, channelId);
      return ended;
    });
    failpoint('revocation:finished');
    if (finished) this.say('grant settled', { ...work, ...finished });
  }

  /** By a job on database time, later each time, and once more when the hour is over. */
  private async tryAgain(
    channelId: ChannelId,
    copy: RevocationCopy,
    { tries }: Attempt,
    reason: Again['again'],
  ): Promise<void> {
    this.say('grant not withdrawn yet', { channelId, reason, attempt: tries });
    const work = { effect, channelId } as const;
    const backOffMs = Math.min(longestWaitMs, this.settings.revocationRetryMs * 2 ** (tries - 1));
    const jitter = 0.5 + Math.random() / 2;
    const runAfterMs = Math.max(0, Math.min(backOffMs * jitter, copy.leftMs));
    await this.dataSource.transaction(async (manager) => {
      await noteReason(manager, work, reason);
      await requestEffect(manager, work, runAfterMs);
    });
  }

  /**
   * Nobody gets past the intent, unless by a clock that is wrong or while this process stood still:
   * then it is said at least.
   */
  private async tellWhoLost(
    manager: EntityManager,
    channelId: ChannelId,
    { grantRef }: RevocationIntent,
  ): Promise<void> {
    const others = await this.grants.othersOn(manager, grantRef, channelId);
    if (others.length === 0) return;
    this.say('connected while their grant was withdrawn: reauthorize them', { channelId, others });
  }

  private alert(channelId: ChannelId, reason: string): void {
    const line = 'grant NOT revoked, for good: withdraw it on the platform by hand';
    this.say(line, { channelId, reason });
  }
}
