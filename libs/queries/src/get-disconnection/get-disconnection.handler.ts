import type { IQueryHandler } from '@nestjs/cqrs';
import { QueryHandler } from '@nestjs/cqrs';
import { judge } from '@app/access';
import type { Receipt } from '@app/domain';
import { ChannelStreams } from '../channel-streams';
import { NoSuchChannel, NotDisconnected } from '../query-errors';
import { GetDisconnection } from './get-disconnection.query';

/**
 * Folds the receipt from the two streams, so that the first one, right after DELETE, is there and
 * shows every effect as PENDING, whatever the projector has seen.
 */
@QueryHandler(GetDisconnection)
export class GetDisconnectionHandler implements IQueryHandler<GetDisconnection> {
  constructor(private readonly streams: ChannelStreams) {}

  async execute({ channelId, principal }: GetDisconnection): Promise<Receipt> {
    const channel = await this.streams.channel(channelId);
    if (channel.kind === 'UNBORN' || channel.kind === 'ABANDONED') throw new NoSuchChannel();
    if (judge(principal, 'channel.read', channel.row.workspaceId) !== 'permitted') {
      throw new NoSuchChannel();
    }
    if (channel.kind === 'LIVE') throw new NotDisconnected();
    return this.streams.receipt(channel);
  }
}
