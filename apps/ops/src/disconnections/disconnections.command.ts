import { Command } from 'nest-commander';
import { GroupCommand } from '../command/group-command';
import { DisconnectionReceiptCommand } from './disconnection-receipt.command';
import { ListDisconnectionsCommand } from './list-disconnections.command';

@Command({
  name: 'disconnections',
  description: 'Disconnects: which are not done, and what one has brought about.',
  subCommands: [ListDisconnectionsCommand, DisconnectionReceiptCommand],
})
export class DisconnectionsCommand extends GroupCommand {
  protected override readonly notes = [
    'Each disconnect has a deadline, which a platform may hold us to. What is stuck can be found with\nlist --stuck long before it, mended, and redriven: see ops parked.',
  ];
}
