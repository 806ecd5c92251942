import { Module } from '@nestjs/common';
import { KeysCommand } from './keys/keys.command';
import { SetUpCommand } from './set-up.command';
import { VaultCommand } from './vault/vault.command';
import { WorkspacesCommand } from './workspaces/workspaces.command';

/** The operators' command line. */
@Module({
  providers: [
    SetUpCommand,
    ...KeysCommand.registerWithSubCommands(),
    ...VaultCommand.registerWithSubCommands(),
    ...WorkspacesCommand.registerWithSubCommands(),
  ],
})
export class OpsModule {}
