import { Command, CommandRunner } from 'nest-commander';
import { ListParkedCommand } from './list-parked.command';
import { RedriveParkedCommand } from './redrive-parked.command';

@Command({
  name: 'parked',
  description: 'Effects that have failed for good, until they are redriven: never discarded.',
  subCommands: [ListParkedCommand, RedriveParkedCommand],
})
export class ParkedCommand extends CommandRunner {
  async run(): Promise<void> {
    this.command.help();
  }
}
