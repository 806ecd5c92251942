import type { EntityManager } from 'typeorm';
import type { ChannelId } from '@app/domain';
import type { TargetStatus } from './post-status';
import { derivePostStatus } from './post-status';

/** Of what hasn't gone out yet; PUBLISHING is on its way and can't be called back. */
const cancelable: readonly TargetStatus[] = ['SCHEDULED', 'NEEDS_APPROVAL'];
const cancelReason = 'CHANNEL_DISCONNECTED';
/** Posts in one transaction: their locks are what people who edit them would wait for. */
export const cancelBatchSize = 500;

/** Locks the next posts that have a target to cancel, in the order of their ids; none at the end. */
export async function lockPostsToCancel(
  manager: EntityManager,
  channelId: ChannelId,
): Promise<string[]> {
  const posts: { id: string }[] = await manager.query(
    `SELECT id FROM publishing.posts
      WHERE id IN (SELECT DISTINCT post_id FROM publishing.post_targets
                    WHERE channel_id = $1 AND status = ANY ($2)
                    ORDER BY post_id LIMIT $3)
      ORDER BY id
        FOR UPDATE`,
    [channelId, cancelable, cancelBatchSize],
  );
  return posts.map(({ id }) => id);
}

/**
 * Cancels the channel's targets of these posts.
 *
 * @returns the post of each target that was canceled
 */
export async function cancelTargets(
  manager: EntityManager,
  channelId: ChannelId,
  posts: readonly string[],
): Promise<string[]> {
  const [canceled]: [{ post_id: string }[], number] = await manager.query(
    `UPDATE publishing.post_targets
        SET status = 'CANCELED', cancel_reason = $4, updated_at = now()
      WHERE channel_id = $1 AND status = ANY ($2) AND post_id = ANY ($3)
      RETURNING post_id`,
    [channelId, cancelable, posts, cancelReason],
  );
  return canceled.map(({ post_id }) => post_id);
}

/** Derives the status of locked posts again, from the targets on every channel. */
export async function rederivePosts(
  manager: EntityManager,
  posts: readonly string[],
): Promise<void> {
  const found: { post_id: string; statuses: TargetStatus[] }[] = await manager.query(
    `SELECT post_id, array_agg(DISTINCT status) AS statuses
       FROM publishing.post_targets WHERE post_id = ANY ($1) GROUP BY post_id`,
    [posts],
  );
  await manager.query(
    `UPDATE publishing.posts SET status = derived.status, updated_at = now()
       FROM unnest($1::text[], $2::text[]) AS derived (id, status)
      WHERE posts.id = derived.id AND posts.status <> derived.status`,
    [found.map(({ post_id }) => post_id), found.map(({ statuses }) => derivePostStatus(statuses))],
  );
}

/** How many targets of the channel are on their way out. */
export async function countPublishing(
  manager: EntityManager,
  channelId: ChannelId,
): Promise<number> {
  const [row]: { count: number }[] = await manager.query(
    `SELECT count(*)::int AS count FROM publishing.post_targets
      WHERE channel_id = $1 AND status = 'PUBLISHING'`,
    [channelId],
  );
  return row!.count;
}
