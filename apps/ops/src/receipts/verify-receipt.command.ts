import { Option, SubCommand } from 'nest-commander';
import { verifyReceiptFile } from '@app/operations';
import type { OpsOptions } from '../command/ops-command';
import { OpsCommand } from '../command/ops-command';
import { printJson } from '../print';

@SubCommand({
  name: 'verify',
  arguments: '<receipt>',
  argsDescription: { receipt: 'a file with what REST answered' },
  description: 'Verify a receipt in a file, offline. Exit code 1 when it is not genuine.',
})
export class VerifyReceiptCommand extends OpsCommand {
  protected override readonly examples = ['receipts verify receipt.json --keys keys.json'];

  async run([receipt]: [string], options: OpsOptions & { keys: string }): Promise<void> {
    const found = await verifyReceiptFile(receipt, options.keys);
    if (!found.isGenuine) throw new Error(`not genuine: ${found.reason}`);
    if (options.json) return printJson(found);
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
