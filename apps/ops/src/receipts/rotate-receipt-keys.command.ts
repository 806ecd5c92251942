import { SubCommand } from 'nest-commander';
import type { Change } from '@app/operations';
import { addingReceiptKey } from '@app/operations';
import { FileCommand } from '../command/changing-command';

@SubCommand({
  name: 'rotate-keys',
  arguments: '<path>',
  argsDescription: { path: 'the key file' },
  description:
    'Add a key that signs from the next start of the api on; the former ones still verify.',
})
export class RotateReceiptKeysCommand extends FileCommand<string> {
  protected override readonly examples = ['receipts rotate-keys /run/secrets/receipt-keys.json'];

  protected change([path]: [string]): Change<string> {
    return addingReceiptKey(path);
  }

  protected report(kid: string): string[] {
    return [`${kid} signs once the api is started again`];
  }

  protected toJson(kid: string, [path]: [string]): object {
    return { path, signs: kid };
  }
}
