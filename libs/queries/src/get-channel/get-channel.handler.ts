import type { IQueryHandler } from '@nestjs/cqrs';
import { QueryHandler } from '@nestjs/cqrs';
import type { ChannelRow } from '@app/domain';
import { ReadableChannels } from '../readable-channels';
import { GetChannel } from './get-channel.query';

@QueryHandler(GetChannel)
export class GetChannelHandler implements IQueryHandler<GetChannel> {
  constructor(private readonly channels: ReadableChannels) {}

  execute({ channelId, principal }: GetChannel): Promise<ChannelRow> {
    return this.channels.find(channelId, principal);
  }
}
