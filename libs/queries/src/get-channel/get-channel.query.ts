import { Query } from '@nestjs/cqrs';
import type { Principal } from '@app/access';
import type { ChannelId, ChannelRow } from '@app/domain';

/** One row, DISCONNECTED ones included, for any member of its workspace. */
export class GetChannel extends Query<ChannelRow> {
  constructor(
    readonly channelId: ChannelId,
    readonly principal: Principal,
  ) {
    super();
  }
}
