import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Effect, EffectStep, EffectTarget } from '../effect';
import { purgeBatch } from '../purge-batch';

/**
 * Deletes the cached analytics: they are the platform's data, and may not be kept once the account
 * is gone (X Developer Policy, "Content compliance": 24 hours; YouTube API Services Developer
 * Policies, III.E.4: 7 days). The published posts stay, they are the customer's own history.
 */
@Injectable()
export class AnalyticsPurge implements Effect {
  readonly name = 'analytics-purge';

  step(manager: EntityManager, target: EffectTarget, after?: string): Promise<EffectStep> {
    return purgeBatch(manager, 'insights.analytics_snapshots', target.channelId, after);
  }
}
