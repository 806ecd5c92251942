import { Module } from '@nestjs/common';
import { InternalCommandsModule, InternalJobs } from '@app/commands';
import { HttpModule } from '@app/http';
import { QueriesModule } from '@app/queries';
import { BackgroundLoop } from '@app/role';
import { KekMetricsModule } from '@app/token-vault';
import { ChannelsController } from './channels.controller';
import { LifecycleController } from './lifecycle.controller';
import { TokensController } from './tokens.controller';

/** The internal REST API: connecting, and all that needs the vault's keys. */
@Module({
  imports: [HttpModule, InternalCommandsModule, QueriesModule, KekMetricsModule],
  controllers: [ChannelsController, LifecycleController, TokensController],
  providers: [
    {
      provide: BackgroundLoop,
      inject: [InternalJobs],
      useFactory: (jobs: InternalJobs) =>
        new BackgroundLoop('internal', (signal) => jobs.run(signal)),
    },
  ],
})
export class InternalModule {}
