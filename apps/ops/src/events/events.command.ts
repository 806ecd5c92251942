import { Command } from 'nest-commander';
import { GroupCommand } from '../command/group-command';
import { LostEventsCommand } from './lost-events.command';
import { RecoverEventsCommand } from './recover-events.command';

@Command({
  name: 'events',
  description: 'An event store that was restored from a backup, and what it has lost.',
  subCommands: [LostEventsCommand, RecoverEventsCommand],
})
export class EventsCommand extends GroupCommand {
  protected override readonly notes = [
    'Only for "A restored event store" in docs/operating.md: nothing else loses events.',
  ];
}
