import { Module } from '@nestjs/common';
import { InjectCommander } from 'nest-commander';
import { AuditCommand } from './audit/audit.command';
import { ChannelsCommand } from './channels/channels.command';
import { opsHelp } from './command/help';
import type { Commander } from './command/ops-command';
import { DisconnectionsCommand } from './disconnections/disconnections.command';
import { EventsCommand } from './events/events.command';
import { KeysCommand } from './keys/keys.command';
import { ParkedCommand } from './parked/parked.command';
import { ProjectionsCommand } from './projections/projections.command';
import { ReceiptsCommand } from './receipts/receipts.command';
import { SetUpCommand } from './set-up.command';
import { SkippedCommand } from './skipped/skipped.command';
import { VaultCommand } from './vault/vault.command';
import { WorkspacesCommand } from './workspaces/workspaces.command';

/** The operators' command line. */
@Module({
  providers: [
    SetUpCommand,
    ...ChannelsCommand.registerWithSubCommands(),
    ...DisconnectionsCommand.registerWithSubCommands(),
    ...EventsCommand.registerWithSubCommands(),
    ...KeysCommand.registerWithSubCommands(),
    ...ParkedCommand.registerWithSubCommands(),
    ...SkippedCommand.registerWithSubCommands(),
    ...ProjectionsCommand.registerWithSubCommands(),
    ...ReceiptsCommand.registerWithSubCommands(),
    ...VaultCommand.registerWithSubCommands(),
    ...WorkspacesCommand.registerWithSubCommands(),
    ...AuditCommand.registerWithSubCommands(),
  ],
})
export class OpsModule {
  constructor(@InjectCommander() readonly commander: Commander) {
    commander
      .name('ops')
      .description('What operators look at and change. Each change is audited.')
      .addHelpText('after', opsHelp);
  }
}
