import { CommandRunner, SubCommand } from 'nest-commander';
import { createVaultKeys } from '@app/operations';

@SubCommand({
  name: 'create-keys',
  arguments: '<path>',
  description: 'Make a new key file for VAULT_KEY_FILE, mode 0600. Refused where there is one.',
})
export class CreateKeysCommand extends CommandRunner {
  async run([path]: string[]): Promise<void> {
    createVaultKeys(path!);
    console.log(`made ${path}: keep it out of every backup of the database`);
  }
}
