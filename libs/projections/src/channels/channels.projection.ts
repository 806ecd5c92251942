import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ChannelRow } from '@app/domain';
import { assertNever, rowOf } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';
import type { Projection } from '../runtime/event-handler';

/** `read_model.channels`: the rows that listings show. */
@Injectable()
export class ChannelsProjection implements Projection {
  readonly kind = 'projection';
  readonly name = 'channels';

  async apply(manager: EntityManager, { event }: RecordedEvent): Promise<void> {
    switch (event.type) {
      case 'ChannelConnected':
        return insert(manager, rowOf(event.data));
      case 'ChannelDisconnected':
        await manager.query(
          `UPDATE read_model.channels SET status = 'DISCONNECTED' WHERE id = $1`,
          [event.data.channelId],
        );
        return;
      case 'ConnectAbandoned':
      case 'EffectFinished':
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
