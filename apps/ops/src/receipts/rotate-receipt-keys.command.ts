import { CommandRunner, SubCommand } from 'nest-commander';
import { addReceiptKey } from '@app/operations';

@SubCommand({
  name: 'rotate-keys',
  arguments: '<path>',
  description:
    'Add a key that signs from the next start of the api on; the former ones still verify.',
})
export class RotateReceiptKeysCommand extends CommandRunner {
  async run([path]: string[]): Promise<void> {
    console.log(`${await addReceiptKey(path!)} signs once the api is started again`);
  }
}
