import type { DataSource } from 'typeorm';
import { ulid } from 'ulid';
import type { ChannelId, WorkspaceId } from '@app/domain';

/** What the demo puts on each channel. */
export const content = { scheduled: 12, published: 2, snapshots: 400, comments: 30 };

/** Writes what the other services would: posts, cached analytics, the comment inbox. */
export async function addContent(
  dataSource: DataSource,
  workspaceId: WorkspaceId,
  channelId: ChannelId,
): Promise<void> {
  await dataSource.transaction(async (manager) => {
    const posts = Array.from({ length: content.scheduled + content.published }, (_, index) => ({
      id: `post_${ulid()}`,
      status: index < content.scheduled ? 'SCHEDULED' : 'PUBLISHED',
    }));
    const ids = posts.map(({ id }) => id);
    const statuses = posts.map(({ status }) => status);
    await manager.query(
      `INSERT INTO publishing.posts (id, workspace_id, status, body, scheduled_at)
       SELECT id, $1, status, 'A demo post', now() + interval '1 day'
         FROM unnest($2::text[], $3::text[]) AS post (id, status)`,
      [workspaceId, ids, statuses],
    );
    await manager.query(
      `INSERT INTO publishing.post_targets (id, post_id, channel_id, status, scheduled_for)
       SELECT 'tgt_' || substr(id, 6), id, $1, status, now() + interval '1 day'
         FROM unnest($2::text[], $3::text[]) AS post (id, status)`,
      [channelId, ids, statuses],
    );
    await manager.query(
      `INSERT INTO insights.analytics_snapshots (id, channel_id, captured_at, payload)
       SELECT $1 || '-snapshot-' || n, $1, now() - n * interval '1 hour', '{"impressions": 42}'
         FROM generate_series(1, $2::int) AS n`,
      [channelId, content.snapshots],
    );
    await manager.query(
      `INSERT INTO insights.comments (id, channel_id, external_comment_id, author, body, received_at)
       SELECT $1 || '-comment-' || n, $1, n, 'somebody', 'Lovely roast!', now() - n * interval '1 hour'
         FROM generate_series(1, $2::int) AS n`,
      [channelId, content.comments],
    );
  });
}
