import type { ChannelId, DisconnectionEvent, DomainEvent, Receipt, WorkspaceId } from '@app/domain';
import { assertNever, atRevision, evolveReceipt, openReceipt } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';
import type { Projection, Subject } from '../runtime/projection';

/** A receipt, and what operators look for them by. */
export interface ReceiptRow {
  readonly channelId: ChannelId;
  readonly workspaceId: WorkspaceId;
  readonly status: Receipt['status'];
  /** ISO 8601 UTC. */
  readonly deadline: string;
  readonly receipt: Receipt;
}

/** `read_model.receipts`: how far each disconnection has come. */
export class ReceiptsProjection implements Projection<ReceiptRow> {
  readonly name = 'receipts';
  readonly version = 1;
  readonly shape = {
    key: 'channel_id',
    columns: {
      channel_id: 'text',
      workspace_id: 'text',
      status: 'text',
      deadline: 'timestamptz',
      receipt: 'jsonb',
    },
    indexes: {},
  } as const;

  subjectOf(event: DomainEvent): Subject | null {
    switch (event.type) {
      case 'ChannelDisconnected':
        return { key: event.data.channelId, begins: true };
      case 'EffectFinished':
      case 'EffectParked':
      case 'DisconnectionOverdue':
      case 'DisconnectionCompleted':
        return { key: event.data.channelId, begins: false };
      case 'ChannelConnected':
      case 'ChannelReauthorized':
      case 'ChannelTokenRefreshed':
      case 'ChannelTokenRefreshFailed':
      case 'ChannelAccessRevoked':
      case 'ConnectAbandoned':
        return null;
      default:
        return assertNever(event);
    }
  }

  evolve(row: ReceiptRow | undefined, { event, revision }: RecordedEvent): ReceiptRow {
    if (event.type === 'ChannelDisconnected') return row ?? rowOf(openReceipt(event.data));
    if (!row) {
      throw new Error(`${event.type} of ${event.data.channelId} came before its disconnect`);
    }
    return rowOf(atRevision(evolveReceipt(row.receipt, event as DisconnectionEvent), revision));
  }
}

function rowOf(receipt: Receipt): ReceiptRow {
  const { accountId: channelId, workspaceId, status, deadline } = receipt;
  return { channelId, workspaceId, status, deadline, receipt };
}
