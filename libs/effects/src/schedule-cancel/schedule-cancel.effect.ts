import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Effect, EffectStep, EffectTarget } from '../effect';
import { cancelTargets, countPublishing, lockPostsToCancel, rederivePosts } from './targets';

/**
 * Cancels what was scheduled to go to the channel, targets and not posts: a post may go to other
 * channels too, and those go on. What is being published at this moment is left to finish, and is
 * counted, so that the receipt can show it; what was published, failed or is a draft stays.
 *
 * Posts are locked before their targets are read, and in the order of their ids: of two channels of
 * one post that end at the same time, the second sees what the first has canceled, and neither can
 * hold what the other waits for.
 */
@Injectable()
export class ScheduleCancel implements Effect {
  readonly name = 'schedule-cancel';

  /** What is on its way is counted once, when nothing is left to cancel. */
  async step(manager: EntityManager, { channelId }: EffectTarget): Promise<EffectStep> {
    const posts = await lockPostsToCancel(manager, channelId);
    if (posts.length === 0) {
      const publishing = await countPublishing(manager, channelId);
      return { counts: { canceled: 0, publishing }, more: false };
    }
    const touched = await cancelTargets(manager, channelId, posts);
    await rederivePosts(manager, touched);
    return { counts: { canceled: touched.length }, more: true };
  }
}
