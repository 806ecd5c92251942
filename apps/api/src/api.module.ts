import { Module } from '@nestjs/common';
import { PublicCommandsModule } from '@app/commands';
import { HttpModule } from '@app/http';
import { QueriesModule } from '@app/queries';
import { ReceiptsModule } from '@app/receipts';
import { ReceiptKeysController } from './receipt-keys.controller';
import { SocialAccountsController } from './social-accounts.controller';

/** The public REST API. */
@Module({
  imports: [HttpModule, PublicCommandsModule, QueriesModule, ReceiptsModule],
  controllers: [SocialAccountsController, ReceiptKeysController],
})
export class ApiModule {}
