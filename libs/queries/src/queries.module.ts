import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { EventStoreModule } from '@app/event-store';
import { ChannelRows } from './channel-rows';
import { ChannelStreams } from './channel-streams';
import { GetChannelHandler } from './get-channel/get-channel.handler';
import { GetDisconnectionHandler } from './get-disconnection/get-disconnection.handler';
import { ListChannelsHandler } from './list-channels/list-channels.handler';
import { ChannelContents } from './preview-disconnect/channel-contents';
import { PreviewDisconnectHandler } from './preview-disconnect/preview-disconnect.handler';
import { ReadableChannels } from './readable-channels';

/** The read side of the public API. */
@Module({
  imports: [CqrsModule, EventStoreModule],
  providers: [
    ChannelRows,
    ChannelStreams,
    ReadableChannels,
    ChannelContents,
    ListChannelsHandler,
    GetChannelHandler,
    PreviewDisconnectHandler,
    GetDisconnectionHandler,
  ],
  exports: [CqrsModule, ChannelRows],
})
export class QueriesModule {}
