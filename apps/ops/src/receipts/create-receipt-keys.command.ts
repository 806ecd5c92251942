import { SubCommand } from 'nest-commander';
import type { Change } from '@app/operations';
import { creatingReceiptKeys } from '@app/operations';
import { FileCommand } from '../command/changing-command';

@SubCommand({
  name: 'create-keys',
  arguments: '<path>',
  argsDescription: { path: 'where there is no file yet' },
  description: 'Make a new key file for RECEIPT_KEY_FILE, mode 0600. Refused where there is one.',
})
export class CreateReceiptKeysCommand extends FileCommand<void> {
  protected override readonly examples = ['receipts create-keys /run/secrets/receipt-keys.json'];

  protected change([path]: [string]): Change<void> {
    return creatingReceiptKeys(path);
  }

  protected report(_: void, [path]: [string]): string[] {
    return [`made ${path}`];
  }

  protected toJson(_: void, [path]: [string]): object {
    return { made: path };
  }
}
