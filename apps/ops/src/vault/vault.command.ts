import { Command, CommandRunner } from 'nest-commander';
import { RotateKekCommand } from './rotate-kek.command';

@Command({
  name: 'vault',
  description: 'The keys that seal login tokens.',
  subCommands: [RotateKekCommand],
})
export class VaultCommand extends CommandRunner {
  async run(): Promise<void> {
    this.command.help();
  }
}
