import type { DataSource } from 'typeorm';
import { ulid } from 'ulid';

/** Rows that other services have written for a channel. */
export interface Content {
  readonly snapshots: number;
  readonly comments: number;
  readonly scheduled: number;
  readonly published: number;
}

/** Writes cached rows and posts, each post with one target on the channel. */
export async function addContent(
  dataSource: DataSource,
  { workspaceId, id }: { readonly workspaceId: string; readonly id: string },
  content: Content,
): Promise<void> {
  await dataSource.query(
    `INSERT INTO insights.analytics_snapshots (id, channel_id, captured_at, payload)
     SELECT $1 || n, $1, now(), '{}' FROM generate_series(1, $2::int) AS n`,
    [id, content.snapshots],
  );
  await dataSource.query(
    `INSERT INTO insights.comments (id, channel_id, external_comment_id, author, body, received_at)
     SELECT $1 || n, $1, n, 'somebody', 'words', now() FROM generate_series(1, $2::int) AS n`,
    [id, content.comments],
  );
  for (const [status, count] of [
    ['SCHEDULED', content.scheduled],
    ['PUBLISHED', content.published],
  ] as const) {
    for (let n = 0; n < count; n++) await addTarget(dataSource, { workspaceId, id }, { status });
  }
}

/** Writes a post with one target, on the channel; answers the post's id. */
export async function addTarget(
  dataSource: DataSource,
  { workspaceId, id }: { readonly workspaceId: string; readonly id: string },
  {
    status,
    scheduledFor = null,
  }: { readonly status: string; readonly scheduledFor?: string | null },
): Promise<string> {
  const post = `post_${ulid()}`;
  await dataSource.query(
    `INSERT INTO publishing.posts (id, workspace_id, status, body) VALUES ($1, $2, $3, 'x')`,
    [post, workspaceId, status],
  );
  await dataSource.query(
    `INSERT INTO publishing.post_targets (id, post_id, channel_id, status, scheduled_for)
     VALUES ($1, $2, $3, $4, $5)`,
    [`tgt_${ulid()}`, post, id, status, scheduledFor],
  );
  return post;
}

/** What is left of a channel's content, by table and status; and whether its tokens are sealed. */
export async function contentOf(dataSource: DataSource, id: string): Promise<object> {
  const rows: object[] = await dataSource.query(
    `SELECT
       (SELECT count(*)::int FROM insights.analytics_snapshots WHERE channel_id = $1) AS snapshots,
       (SELECT count(*)::int FROM insights.comments WHERE channel_id = $1) AS comments,
       (SELECT jsonb_object_agg(status, n) FROM (
          SELECT status, count(*) AS n FROM publishing.post_targets
           WHERE channel_id = $1 GROUP BY status) AS targets) AS targets,
       (SELECT wiped_at IS NULL FROM vault.tokens WHERE channel_id = $1) AS sealed`,
    [id],
  );
  return rows[0]!;
}
