import { Command } from 'nest-commander';
import { GroupCommand } from '../command/group-command';
import { ListActionsCommand } from './list-actions.command';

@Command({
  name: 'audit',
  description: 'What operators have changed. Nothing of it can be changed or deleted.',
  subCommands: [ListActionsCommand],
})
export class AuditCommand extends GroupCommand {
  protected override readonly notes = [
    'A change that has not ended is under way, or its process was cut off in the middle of it.',
  ];
}
