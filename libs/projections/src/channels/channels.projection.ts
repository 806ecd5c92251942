import type { ChannelRow, DomainEvent } from '@app/domain';
import { assertNever, evolveRow, rowOf } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';
import type { Projection, Subject } from '../runtime/projection';

/** `read_model.channels`: the rows that listings show, as the domain folds them. */
export class ChannelsProjection implements Projection<ChannelRow> {
  readonly name = 'channels';
  readonly version = 1;
  readonly shape = {
    key: 'id',
    columns: {
      id: 'text',
      workspace_id: 'text',
      platform: 'text',
      external_id: 'text',
      handle: 'text',
      display_name: 'text?',
      avatar_url: 'text?',
      status: 'text',
      scopes: 'text[]',
      connected_at: 'timestamptz',
      last_refreshed_at: 'timestamptz?',
      token_expires_at: 'timestamptz?',
      last_refresh_attempt_at: 'timestamptz?',
      last_refresh_error: 'text?',
      last_refresh_error_status: 'integer?',
      meta: 'jsonb',
      default_board_id: 'text?',
    },
    indexes: { listing: 'workspace_id, connected_at DESC, id DESC' },
  } as const;

  subjectOf(event: DomainEvent): Subject | null {
    switch (event.type) {
      case 'ChannelConnected':
        return { key: event.data.channelId, begins: true };
      case 'ChannelReauthorized':
      case 'ChannelTokenRefreshed':
      case 'ChannelTokenRefreshFailed':
      case 'ChannelAccessRevoked':
      case 'ChannelDisconnected':
        return { key: event.data.channelId, begins: false };
      case 'ConnectAbandoned':
      case 'EffectFinished':
      case 'EffectParked':
      case 'DisconnectionOverdue':
      case 'DisconnectionCompleted':
        return null;
      default:
        return assertNever(event);
    }
  }

  evolve(row: ChannelRow | undefined, { event }: RecordedEvent): ChannelRow {
    if (event.type === 'ChannelConnected') return row ?? rowOf(event.data);
    if (!row) throw new Error(`${event.type} of ${event.data.channelId} came before its connect`);
    // An ended channel never shows as anything else again.
    if (row.status === 'DISCONNECTED') return row;
    switch (event.type) {
      case 'ChannelReauthorized':
      case 'ChannelTokenRefreshed':
      case 'ChannelTokenRefreshFailed':
      case 'ChannelAccessRevoked':
        return evolveRow(row, event);
      case 'ChannelDisconnected':
        return { ...row, status: 'DISCONNECTED' };
      default:
        throw new Error(`${event.type} changes no row of a channel`);
    }
  }
}
