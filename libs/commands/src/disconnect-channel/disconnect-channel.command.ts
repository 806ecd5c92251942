import { Command } from '@nestjs/cqrs';
import type { Principal } from '@app/access';
import type { ChannelId, ChannelRow } from '@app/domain';

/** Ends a channel for good; answers its row after the flip. A repeat answers the same row. */
export class DisconnectChannel extends Command<ChannelRow> {
  constructor(
    readonly channelId: ChannelId,
    readonly principal: Principal,
    /** Of the request; becomes the correlation id of everything that follows. */
    readonly requestId: string,
  ) {
    super();
  }
}
