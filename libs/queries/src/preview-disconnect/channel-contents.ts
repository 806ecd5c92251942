import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ChannelId, WorkspaceId } from '@app/domain';
import type { DisconnectPreview } from './preview-disconnect.query';

/** What a channel has in other services' tables, and who shares its grant, at one moment. */
export interface FoundContents extends Pick<DisconnectPreview, 'targets' | 'cached' | 'asOf'> {
  /** Live channels on the same grant in the workspaces that were asked for. */
  readonly sharedInReach: number;
  /** An opening or live channel of any workspace is on the same grant. */
  readonly sharedAnywhere: boolean;
}

/** One statement, and so one snapshot: the numbers fit together. */
const contents = `
  WITH open_targets AS (
    SELECT id, post_id, status, scheduled_for FROM publishing.post_targets
     WHERE channel_id = $1 AND status IN ('SCHEDULED', 'NEEDS_APPROVAL', 'PUBLISHING')
  ), sharing AS (
    SELECT other.workspace_id, other.state
      FROM registry.channels own
      JOIN registry.channels other ON other.grant_ref = own.grant_ref AND other.id <> own.id
     WHERE own.id = $1 AND other.state <> 'ended'
       AND NOT EXISTS (SELECT FROM registry.endings WHERE channel_id = other.id)
  )
  SELECT
    now() AS as_of,
    (SELECT count(*)::int FROM open_targets WHERE status <> 'PUBLISHING') AS to_cancel,
    (SELECT count(*)::int FROM open_targets WHERE status = 'PUBLISHING') AS publishing_now,
    (SELECT coalesce(json_agg(soonest), '[]') FROM (
       SELECT post_id, scheduled_for FROM open_targets
        WHERE status <> 'PUBLISHING' AND scheduled_for IS NOT NULL
        ORDER BY scheduled_for, id LIMIT 5) AS soonest) AS next,
    (SELECT count(*)::int FROM insights.analytics_snapshots WHERE channel_id = $1) AS snapshots,
    (SELECT count(*)::int FROM insights.comments WHERE channel_id = $1) AS comments,
    (SELECT count(*)::int FROM sharing
      WHERE state = 'live' AND workspace_id = ANY ($2)) AS shared_in_reach,
    EXISTS (SELECT FROM sharing) AS shared_anywhere`;

interface StoredContents {
  as_of: Date;
  to_cancel: number;
  publishing_now: number;
  /** From JSON, so the time is a text. */
  next: { post_id: string; scheduled_for: string }[];
  snapshots: number;
  comments: number;
  shared_in_reach: number;
  shared_anywhere: boolean;
}

/** Counts what a disconnect would touch: what CONTRACT's ruling 4 cancels, and what is purged. */
@Injectable()
export class ChannelContents {
  constructor(private readonly dataSource: DataSource) {}

  async find(channelId: ChannelId, reach: readonly WorkspaceId[]): Promise<FoundContents> {
    const rows: StoredContents[] = await this.dataSource.query(contents, [channelId, reach]);
    const found = rows[0]!;
    return {
      targets: {
        toCancel: found.to_cancel,
        publishingNow: found.publishing_now,
        next: found.next.map(({ post_id, scheduled_for }) => ({
          postId: post_id,
          scheduledFor: new Date(scheduled_for).toISOString(),
        })),
      },
      cached: { analyticsSnapshots: found.snapshots, comments: found.comments },
      sharedInReach: found.shared_in_reach,
      sharedAnywhere: found.shared_anywhere,
      asOf: found.as_of.toISOString(),
    };
  }
}
