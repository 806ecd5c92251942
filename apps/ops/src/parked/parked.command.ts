import { Command } from 'nest-commander';
import { GroupCommand } from '../command/group-command';
import { ListParkedCommand } from './list-parked.command';
import { RedriveParkedCommand } from './redrive-parked.command';
import { ShowParkedCommand } from './show-parked.command';

@Command({
  name: 'parked',
  description: 'Effects that have failed for good, until they are redriven: never discarded.',
  subCommands: [ListParkedCommand, ShowParkedCommand, RedriveParkedCommand],
})
export class ParkedCommand extends GroupCommand {
  protected override readonly notes = [
    'What is parked was promised by a disconnect: its disconnection stays open until it is done. Find the\ncause, mend it, then redrive.',
  ];
}
