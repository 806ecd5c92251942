import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Effect, EffectStep, EffectTarget } from '../effect';

/**
 * Deletes the cached comment inbox: other people's names and words, kept only while the account is
 * connected (X Developer Policy, "Content compliance": 24 hours; YouTube API Services Developer
 * Policies, III.E.4: 7 days).
 */
@Injectable()
export class CommentsPurge implements Effect {
  readonly name = 'comments-purge';

  async step(manager: EntityManager, { channelId }: EffectTarget): Promise<EffectStep> {
    const [, deleted]: [unknown, number] = await manager.query(
      'DELETE FROM insights.comments WHERE channel_id = $1',
      [channelId],
    );
    return { counts: { deleted }, more: false };
  }
}
