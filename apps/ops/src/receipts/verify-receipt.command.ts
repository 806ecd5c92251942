import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { verifyReceiptFile } from '@app/operations';

@SubCommand({
  name: 'verify',
  arguments: '<receipt>',
  description: 'Verify a receipt in a file, offline. Exit code 1 when it is not genuine.',
})
export class VerifyReceiptCommand extends CommandRunner {
  async run([receipt]: string[], { keys }: { keys: string }): Promise<void> {
    const found = await verifyReceiptFile(receipt!, keys);
    if (!found.isGenuine) throw new Error(`not genuine: ${found.reason}`);
    console.log(`genuine: signed by ${found.kid}`);
  }

  @Option({
    flags: '--keys <path>',
    required: true,
    description: 'the public keys, as /api/receipt-keys.json answers them',
  })
  keys(path: string): string {
    return path;
  }
}
