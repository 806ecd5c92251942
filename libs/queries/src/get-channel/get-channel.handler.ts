import type { IQueryHandler } from '@nestjs/cqrs';
import { QueryHandler } from '@nestjs/cqrs';
import { judge } from '@app/access';
import type { ChannelId, ChannelRow } from '@app/domain';
import { ChannelRows } from '../channel-rows';
import { ChannelStreams } from '../channel-streams';
import { NoSuchChannel } from '../query-errors';
import { GetChannel } from './get-channel.query';

@QueryHandler(GetChannel)
export class GetChannelHandler implements IQueryHandler<GetChannel> {
  constructor(
    private readonly rows: ChannelRows,
    private readonly streams: ChannelStreams,
  ) {}

  async execute({ channelId, principal }: GetChannel): Promise<ChannelRow> {
    const row = (await this.rows.find(channelId)) ?? (await this.fromStream(channelId));
    if (!row || judge(principal, 'channel.read', row.workspaceId) !== 'permitted') {
      throw new NoSuchChannel();
    }
    return row;
  }

  /** Connected, but not projected yet. */
  private async fromStream(channelId: ChannelId): Promise<ChannelRow | undefined> {
    const channel = await this.streams.channel(channelId);
    return channel.kind === 'LIVE' || channel.kind === 'DISCONNECTED' ? channel.row : undefined;
  }
}
