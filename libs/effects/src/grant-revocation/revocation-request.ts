import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { EffectOutcomeStatus, Platform } from '@app/domain';
import { linesOf } from '@app/observability';
import type { VaultTarget } from '@app/token-vault';
import { RevocationCopies } from '@app/token-vault';
import { requestEffect } from '../runtime/jobs';
import type { Work } from '../runtime/work';
import { finishWork, noteAttempt, openWork } from '../runtime/work';
import { GrantPlatforms } from './platforms/grant-platforms';

/**
 * Asks for the revocation of a channel's grant, in the transaction that wipes its tokens: the work
 * row, its job, and the one token that it needs. Where it can't be done, the row says so at once.
 */
@Injectable()
export class RevocationRequest {
  private readonly say = linesOf(RevocationRequest.name);

  constructor(
    private readonly platforms: GrantPlatforms,
    private readonly copies: RevocationCopies,
  ) {}

  /** @returns until when a token is kept for it, ISO 8601; null: none is */
  async make(
    manager: EntityManager,
    target: VaultTarget,
    platform: Platform,
  ): Promise<string | null> {
    const { channelId } = target;
    const work = { effect: 'grant-revocation', channelId } as const;
    // Ended before, when a wipe is repeated that found something.
    if (!(await openWork(manager, work))) return null;
    if (!this.platforms.supports(platform)) return this.end(manager, work, 'NOT_SUPPORTED');

    const kept = await this.copies.keep(manager, target, (tokens) =>
      this.platforms.choose(platform, tokens),
    );
    if (typeof kept === 'string') {
      const line = 'grant NOT revoked, for good: withdraw it on the platform by hand';
      this.say(line, { channelId, reason: kept });
      return this.end(manager, work, 'FAILED');
    }
    await requestEffect(manager, work);
    return kept.toISOString();
  }

  /** Recorded by the job that records the wipe. */
  private async end(
    manager: EntityManager,
    work: Work,
    outcome: EffectOutcomeStatus,
  ): Promise<null> {
    await noteAttempt(manager, work);
    await finishWork(manager, work, outcome);
    return null;
  }
}
