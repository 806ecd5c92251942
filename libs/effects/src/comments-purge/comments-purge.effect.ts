import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Effect, EffectStep, EffectTarget } from '../effect';
import { purgeBatch } from '../purge-batch';

/**
 * Deletes the cached comment inbox: other people's names and words, kept only while the account is
 * connected (X Developer Policy, "Content compliance": 24 hours; YouTube API Services Developer
 * Policies, III.E.4: 7 days).
 */
@Injectable()
export class CommentsPurge implements Effect {
  readonly name = 'comments-purge';

  step(manager: EntityManager, target: EffectTarget, after?: string): Promise<EffectStep> {
    return purgeBatch(manager, 'insights.comments', target.channelId, after);
  }
}
