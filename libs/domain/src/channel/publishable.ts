import { DomainError } from '../domain-error';
import { assertNever } from '../domain-event';
import type { ChannelEvent } from './channel-events';

/**
 * Refuses unless the channel can be published to, by the last event of its stream alone: refreshes
 * and their failures are recorded of an ACTIVE channel only, so each tells what the channel is.
 *
 * @param last undefined when there is no stream
 * @throws DomainError CHANNEL_NOT_FOUND, CHANNEL_DISCONNECTED, REAUTHORIZATION_REQUIRED
 */
export function requirePublishable(last: ChannelEvent | undefined): void {
  switch (last?.type) {
    case 'ChannelConnected':
    case 'ChannelReauthorized':
    case 'ChannelTokenRefreshed':
      return;
    case 'ChannelTokenRefreshFailed':
      if (last.data.permanent) throw reauthorizationRequired('TOKEN_EXPIRED');
      return;
    case 'ChannelAccessRevoked':
      throw reauthorizationRequired('REVOKED');
    case 'ChannelDisconnected':
      throw new DomainError('CHANNEL_DISCONNECTED', 'This channel is disconnected, for good');
    case 'ConnectAbandoned':
    case undefined:
      throw new DomainError('CHANNEL_NOT_FOUND', 'There is no such channel');
    default:
      return assertNever(last);
  }
}

function reauthorizationRequired(status: string): DomainError {
  return new DomainError('REAUTHORIZATION_REQUIRED', `The channel is ${status}: reauthorize it`);
}
