import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ChannelId, DisconnectionEvent, Receipt } from '@app/domain';
import { assertNever, atRevision, evolveReceipt, openReceipt } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';
import type { Projection } from '../runtime/projection';

/** `read_model.receipts`: how far each disconnection has come. */
@Injectable()
export class ReceiptsProjection implements Projection {
  readonly kind = 'projection';
  readonly name = 'receipts';

  async apply(manager: EntityManager, { event, revision }: RecordedEvent): Promise<void> {
    switch (event.type) {
      case 'ChannelDisconnected':
        return insert(manager, openReceipt(event.data));
      case 'EffectFinished':
      case 'EffectParked':
      case 'DisconnectionOverdue':
      case 'DisconnectionCompleted':
        return evolve(manager, event.data.channelId, event, revision);
      case 'ChannelConnected':
      case 'ChannelReauthorized':
      case 'ChannelTokenRefreshed':
      case 'ChannelTokenRefreshFailed':
      case 'ChannelAccessRevoked':
      case 'ConnectAbandoned':
        return;
      default:
        return assertNever(event);
    }
  }
}

async function insert(manager: EntityManager, receipt: Receipt): Promise<void> {
  await manager.query(
    `INSERT INTO read_model.receipts (channel_id, workspace_id, status, deadline, receipt)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (channel_id) DO NOTHING`,
    [receipt.accountId, receipt.workspaceId, receipt.status, receipt.deadline, receipt],
  );
}

async function evolve(
  manager: EntityManager,
  channelId: ChannelId,
  event: DisconnectionEvent,
  revision: number,
): Promise<void> {
  const rows: { receipt: Receipt }[] = await manager.query(
    'SELECT receipt FROM read_model.receipts WHERE channel_id = $1',
    [channelId],
  );
  if (!rows[0]) throw new Error(`${event.type} of ${channelId} came before its disconnect`);
  const receipt = atRevision(evolveReceipt(rows[0].receipt, event), revision);
  await manager.query(
    'UPDATE read_model.receipts SET status = $2, receipt = $3 WHERE channel_id = $1',
    [channelId, receipt.status, receipt],
  );
}
