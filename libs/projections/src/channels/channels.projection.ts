import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ChannelRow, TokenEvent } from '@app/domain';
import { assertNever, rowOf } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';
import type { Projection } from '../runtime/projection';

/** `read_model.channels`: the rows that listings show. */
@Injectable()
export class ChannelsProjection implements Projection {
  readonly kind = 'projection';
  readonly name = 'channels';

  async apply(manager: EntityManager, { event }: RecordedEvent): Promise<void> {
    switch (event.type) {
      case 'ChannelConnected':
        return insert(manager, rowOf(event.data));
      case 'ChannelReauthorized':
      case 'ChannelTokenRefreshed':
      case 'ChannelTokenRefreshFailed':
      case 'ChannelAccessRevoked':
        return updateTokens(manager, event);
      case 'ChannelDisconnected':
        await manager.query(
          `UPDATE read_model.channels SET status = 'DISCONNECTED' WHERE id = $1`,
          [event.data.channelId],
        );
        return;
      case 'ConnectAbandoned':
      case 'EffectFinished':
      case 'EffectParked':
      case 'DisconnectionOverdue':
      case 'DisconnectionCompleted':
        return;
      default:
        return assertNever(event);
    }
  }
}

/** Delivered twice, the second changes nothing: what came after the first stands. */
async function insert(manager: EntityManager, row: ChannelRow): Promise<void> {
  await manager.query(
    `INSERT INTO read_model.channels (
       id, workspace_id, platform, external_id, handle, display_name, avatar_url, status, scopes,
       connected_at, token_expires_at, meta, default_board_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     ON CONFLICT (id) DO NOTHING`,
    [
      row.id,
      row.workspaceId,
      row.platform,
      row.externalId,
      row.handle,
      row.displayName,
      row.avatarUrl,
      row.status,
      row.scopes,
      row.connectedAt,
      row.tokenExpiresAt,
      row.meta,
      row.defaultBoardId,
    ],
  );
}

/** Absolute values, so that a repeat changes nothing; the domain's `evolveRow` in SQL. */
async function updateTokens(manager: EntityManager, event: TokenEvent): Promise<void> {
  switch (event.type) {
    case 'ChannelReauthorized': {
      const { channelId, scopes, tokenExpiresAt } = event.data;
      await manager.query(
        `UPDATE read_model.channels
            SET status = 'ACTIVE', scopes = $2, token_expires_at = $3,
                last_refresh_error = NULL, last_refresh_error_status = NULL
          WHERE id = $1`,
        [channelId, scopes, tokenExpiresAt],
      );
      return;
    }
    case 'ChannelTokenRefreshed': {
      const { channelId, refreshedAt, tokenExpiresAt } = event.data;
      await manager.query(
        `UPDATE read_model.channels
            SET last_refreshed_at = $2, last_refresh_attempt_at = $2, token_expires_at = $3,
                last_refresh_error = NULL, last_refresh_error_status = NULL
          WHERE id = $1`,
        [channelId, refreshedAt, tokenExpiresAt],
      );
      return;
    }
    case 'ChannelTokenRefreshFailed': {
      const { channelId, attemptedAt, reason, platformStatus, permanent } = event.data;
      await manager.query(
        `UPDATE read_model.channels
            SET status = CASE WHEN $5 THEN 'TOKEN_EXPIRED' ELSE status END,
                last_refresh_attempt_at = $2, last_refresh_error = $3,
                last_refresh_error_status = $4
          WHERE id = $1`,
        [channelId, attemptedAt, reason, platformStatus, permanent],
      );
      return;
    }
    case 'ChannelAccessRevoked':
      await manager.query(`UPDATE read_model.channels SET status = 'REVOKED' WHERE id = $1`, [
        event.data.channelId,
      ]);
      return;
    default:
      return assertNever(event);
  }
}
