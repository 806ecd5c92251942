import { Command } from 'nest-commander';
import { GroupCommand } from '../command/group-command';
import { ShowChannelCommand } from './show-channel.command';

@Command({
  name: 'channels',
  description: 'A channel as every room knows it.',
  subCommands: [ShowChannelCommand],
})
export class ChannelsCommand extends GroupCommand {
  protected override readonly notes = [
    'For what REST says of a channel, and what it does not: the registry, the vault, the work of its\neffects, and every event of its streams.',
  ];
}
