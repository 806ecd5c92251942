import { Command } from '@nestjs/cqrs';
import type { ChannelId } from '@app/domain';
import type { LeaseKind, TakenLease } from '@app/token-vault';

/** Takes a channel's tokens on loan: to publish with them, or to refresh them. */
export class LeaseTokens extends Command<TakenLease> {
  constructor(
    readonly kind: LeaseKind,
    readonly channelId: ChannelId,
    /** Of the service that takes the lease. */
    readonly credentialId: string,
    /** Of the request, for the log: no event follows. */
    readonly requestId: string,
  ) {
    super();
  }
}
