import { Module } from '@nestjs/common';
import { ChannelsProjection } from './channels/channels.projection';
import { ReceiptsProjection } from './receipts/receipts.projection';

@Module({
  providers: [ChannelsProjection, ReceiptsProjection],
  exports: [ChannelsProjection, ReceiptsProjection],
})
export class ProjectionsModule {}
