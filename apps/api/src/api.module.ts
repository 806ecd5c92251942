import { Module } from '@nestjs/common';
import { PublicCommandsModule } from '@app/commands';
import { HttpModule } from '@app/http';
import { QueriesModule } from '@app/queries';
import { SocialAccountsController } from './social-accounts.controller';

/** The public REST API. */
@Module({
  imports: [HttpModule, PublicCommandsModule, QueriesModule],
  controllers: [SocialAccountsController],
})
export class ApiModule {}
