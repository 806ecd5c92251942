import { Command, CommandRunner } from 'nest-commander';
import { ListKeysCommand } from './list-keys.command';
import { MintKeyCommand } from './mint-key.command';
import { RevokeKeyCommand } from './revoke-key.command';

@Command({
  name: 'keys',
  description: 'The keys of users and the credentials of services.',
  subCommands: [MintKeyCommand, ListKeysCommand, RevokeKeyCommand],
})
export class KeysCommand extends CommandRunner {
  async run(): Promise<void> {
    this.command.help();
  }
}
