import { setTimeout as wait } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ChannelId, ChannelRow, WorkspaceId } from '@app/domain';

/** Where a page of a listing starts: after this row, newest-connected first. */
export interface ListingPosition {
  readonly connectedAt: string;
  readonly id: ChannelId;
}

/** A channel has ended as soon as its ending is written down, whatever the projector has seen. */
const columns = `
  channel.id, channel.workspace_id, channel.platform, channel.external_id, channel.handle,
  channel.display_name, channel.avatar_url, channel.scopes, channel.connected_at,
  channel.last_refreshed_at, channel.token_expires_at, channel.last_refresh_attempt_at,
  channel.last_refresh_error, channel.last_refresh_error_status, channel.meta,
  channel.default_board_id,
  CASE WHEN ending.channel_id IS NULL THEN channel.status ELSE 'DISCONNECTED' END AS status
  FROM read_model.channels channel
  LEFT JOIN registry.endings ending ON ending.channel_id = channel.id`;

interface StoredRow {
  id: string;
  workspace_id: string;
  platform: ChannelRow['platform'];
  external_id: string;
  handle: string;
  display_name: string | null;
  avatar_url: string | null;
  status: ChannelRow['status'];
  scopes: string[];
  connected_at: Date;
  last_refreshed_at: Date | null;
  token_expires_at: Date | null;
  last_refresh_attempt_at: Date | null;
  last_refresh_error: string | null;
  last_refresh_error_status: number | null;
  meta: Record<string, unknown>;
  default_board_id: string | null;
}

/** The projected rows, overlaid with the registry's endings. */
@Injectable()
export class ChannelRows {
  constructor(private readonly dataSource: DataSource) {}

  async find(id: ChannelId): Promise<ChannelRow | undefined> {
    const rows: StoredRow[] = await this.dataSource.query(
      `SELECT ${columns} WHERE channel.id = $1`,
      [id],
    );
    return rows[0] && toChannelRow(rows[0]);
  }

  /** Rows that are not DISCONNECTED, newest-connected first. */
  async list(
    workspaceIds: readonly WorkspaceId[],
    limit: number,
    after: ListingPosition | null,
  ): Promise<ChannelRow[]> {
    const rows: StoredRow[] = await this.dataSource.query(
      `SELECT ${columns}
        WHERE channel.workspace_id = ANY ($1)
          AND channel.status <> 'DISCONNECTED' AND ending.channel_id IS NULL
          AND ($2::timestamptz IS NULL OR (channel.connected_at, channel.id) < ($2, $3))
        ORDER BY channel.connected_at DESC, channel.id DESC
        LIMIT $4`,
      [workspaceIds, after?.connectedAt ?? null, after?.id ?? null, limit],
    );
    return rows.map(toChannelRow);
  }

  /**
   * Waits for a row that is on its way through the projector.
   *
   * @returns false when it didn't arrive within `timeoutMs`
   */
  async waitFor(id: ChannelId, timeoutMs: number): Promise<boolean> {
    const deadline = Date.now() + timeoutMs;
    for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 2, 100)) {
      const rows: unknown[] = await this.dataSource.query(
        'SELECT 1 FROM read_model.channels WHERE id = $1',
        [id],
      );
      if (rows.length > 0) return true;
      if (Date.now() + pauseMs > deadline) return false;
      await wait(pauseMs);
    }
  }
}

function toChannelRow(row: StoredRow): ChannelRow {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    platform: row.platform,
    externalId: row.external_id,
    handle: row.handle,
    displayName: row.display_name,
    avatarUrl: row.avatar_url,
    status: row.status,
    scopes: row.scopes,
    connectedAt: row.connected_at.toISOString(),
    lastRefreshedAt: row.last_refreshed_at?.toISOString() ?? null,
    tokenExpiresAt: row.token_expires_at?.toISOString() ?? null,
    lastRefreshAttemptAt: row.last_refresh_attempt_at?.toISOString() ?? null,
    lastRefreshError: row.last_refresh_error,
    lastRefreshErrorStatus: row.last_refresh_error_status,
    meta: row.meta,
    defaultBoardId: row.default_board_id,
  };
}
