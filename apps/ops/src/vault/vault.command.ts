import { Command } from 'nest-commander';
import { GroupCommand } from '../command/group-command';
import { CreateKeysCommand } from './create-keys.command';
import { RotateKekCommand } from './rotate-kek.command';

@Command({
  name: 'vault',
  description: 'The keys that seal login tokens.',
  subCommands: [CreateKeysCommand, RotateKekCommand],
})
export class VaultCommand extends GroupCommand {
  protected override readonly notes = [
    'The key file is for the internal processes alone: keep it out of every backup of the database.',
  ];
}
