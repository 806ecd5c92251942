import { Query } from '@nestjs/cqrs';
import type { Principal } from '@app/access';
import type { ChannelId, Receipt } from '@app/domain';

/** The receipt of a disconnect, for any member of the workspace. */
export class GetDisconnection extends Query<Receipt> {
  constructor(
    readonly channelId: ChannelId,
    readonly principal: Principal,
  ) {
    super();
  }
}
