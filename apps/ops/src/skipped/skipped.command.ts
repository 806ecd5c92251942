import { Command } from 'nest-commander';
import { GroupCommand } from '../command/group-command';
import { DiscardSkippedCommand } from './discard-skipped.command';
import { ListSkippedCommand } from './list-skipped.command';
import { ShowSkippedCommand } from './show-skipped.command';

@Command({
  name: 'skipped',
  description: 'Messages that asked for what must not be done, kept as evidence.',
  subCommands: [ListSkippedCommand, ShowSkippedCommand, DiscardSkippedCommand],
})
export class SkippedCommand extends GroupCommand {
  protected override readonly notes = [
    'A message is refused when the streams know nothing of what it says, or when it can not be read. Find\nout who sent it before it is discarded: what they write may look like anything.',
  ];
}
