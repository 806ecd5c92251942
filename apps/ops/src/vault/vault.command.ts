import { Command, CommandRunner } from 'nest-commander';
import { CreateKeysCommand } from './create-keys.command';
import { RotateKekCommand } from './rotate-kek.command';

@Command({
  name: 'vault',
  description: 'The keys that seal login tokens.',
  subCommands: [CreateKeysCommand, RotateKekCommand],
})
export class VaultCommand extends CommandRunner {
  async run(): Promise<void> {
    this.command.help();
  }
}
