import { CommandRunner, SubCommand } from 'nest-commander';
import { makeReceiptKeys } from '@app/operations';

@SubCommand({
  name: 'create-keys',
  arguments: '<path>',
  description: 'Make a new key file for RECEIPT_KEY_FILE, mode 0600. Refused where there is one.',
})
export class CreateReceiptKeysCommand extends CommandRunner {
  async run([path]: string[]): Promise<void> {
    await makeReceiptKeys(path!);
    console.log(`made ${path}`);
  }
}
