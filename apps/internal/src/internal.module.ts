import { Module } from '@nestjs/common';
import { InternalCommandsModule } from '@app/commands';
import { HttpModule } from '@app/http';
import { QueriesModule } from '@app/queries';
import { ChannelsController } from './channels.controller';
import { LifecycleController } from './lifecycle.controller';

/** The internal REST API: connecting, and all that needs the vault's keys. */
@Module({
  imports: [HttpModule, InternalCommandsModule, QueriesModule],
  controllers: [ChannelsController, LifecycleController],
})
export class InternalModule {}
