import { Command } from 'nest-commander';
import { GroupCommand } from '../command/group-command';
import { CreateReceiptKeysCommand } from './create-receipt-keys.command';
import { RotateReceiptKeysCommand } from './rotate-receipt-keys.command';
import { VerifyReceiptCommand } from './verify-receipt.command';

@Command({
  name: 'receipts',
  description: 'The proof of a disconnect: its keys, and how to verify one.',
  subCommands: [CreateReceiptKeysCommand, RotateReceiptKeysCommand, VerifyReceiptCommand],
})
export class ReceiptsCommand extends GroupCommand {
  protected override readonly notes = ['None of these needs a database or a network.'];
}
