import { Command, CommandRunner } from 'nest-commander';
import { CreateReceiptKeysCommand } from './create-receipt-keys.command';
import { RotateReceiptKeysCommand } from './rotate-receipt-keys.command';
import { VerifyReceiptCommand } from './verify-receipt.command';

@Command({
  name: 'receipts',
  description: 'The proof of a disconnect: its keys, and how to verify one.',
  subCommands: [CreateReceiptKeysCommand, RotateReceiptKeysCommand, VerifyReceiptCommand],
})
export class ReceiptsCommand extends CommandRunner {
  async run(): Promise<void> {
    this.command.help();
  }
}
