import { SubCommand } from 'nest-commander';
import type { Change } from '@app/operations';
import { creatingVaultKeys } from '@app/operations';
import { FileCommand } from '../command/changing-command';

@SubCommand({
  name: 'create-keys',
  arguments: '<path>',
  argsDescription: { path: 'where there is no file yet' },
  description: 'Make a new key file for VAULT_KEY_FILE, mode 0600. Refused where there is one.',
})
export class CreateKeysCommand extends FileCommand<void> {
  protected override readonly examples = ['vault create-keys /run/secrets/vault-keys.json'];

  protected change([path]: [string]): Change<void> {
    return creatingVaultKeys(path);
  }

  protected report(_: void, [path]: [string]): string[] {
    return [`made ${path}: keep it out of every backup of the database`];
  }

  protected toJson(_: void, [path]: [string]): object {
    return { made: path };
  }
}
