import { Command } from '@nestjs/cqrs';
import type { ChannelId, ChannelRow } from '@app/domain';
import type { AccountToConnect } from '../connect-channel/connect-channel.command';

/** What a platform's login flow hands over of an account that is connected already. */
export type RenewedGrant = Pick<
  AccountToConnect,
  'scopes' | 'tokens' | 'tokenExpiresAt' | 'grantedAt' | 'grantSubject' | 'actor'
>;

/** New tokens for a channel in any state but DISCONNECTED: ACTIVE again, under the same id. */
export class ReauthorizeChannel extends Command<ChannelRow> {
  constructor(
    readonly channelId: ChannelId,
    readonly grant: RenewedGrant,
    /** Of the request; becomes the correlation id of everything that follows. */
    readonly requestId: string,
  ) {
    super();
  }
}
