import { Option, SubCommand } from 'nest-commander';
import type { Check, ReceiptReport } from '@app/operations';
import { showReceipt } from '@app/operations';
import type { OpsOptions } from '../command/ops-command';
import { OpsCommand } from '../command/ops-command';
import { printFields, printJson, printTable } from '../print';

interface ReceiptOptions extends OpsOptions {
  verify?: boolean;
}

@SubCommand({
  name: 'receipt',
  arguments: '<id>',
  argsDescription: { id: "the channel's: soc_…" },
  description: 'The receipt of a disconnect, folded from its streams, as REST answers it.',
})
export class DisconnectionReceiptCommand extends OpsCommand {
  protected override readonly examples = [
    'disconnections receipt soc_… --verify',
    'disconnections receipt soc_… --json > receipt.json',
  ];
  protected override readonly notes = [
    'It is signed with RECEIPT_KEY_FILE, and unsigned without. With --verify it is held against the read\nmodel and the rest of the database as well; a check that is not ok is exit code 1.',
  ];

  async run([id]: [string], options: ReceiptOptions): Promise<void> {
    const { verify = false, json } = options;
    const report = await showReceipt(this.settings(options, 'ops events'), id, { verify });
    if (json) printJson(verify ? report : report.receipt);
    else print(report);
    const failed = report.checks.filter(({ isOk }) => !isOk);
    if (failed.length > 0) throw new Error(`not ok: ${failed.map(({ what }) => what).join('; ')}`);
  }

  @Option({
    flags: '--verify',
    description: 'hold it against the read model, the vault, and what other services wrote',
  })
  verify(): boolean {
    return true;
  }
}

function print({ receipt, checks }: ReceiptReport): void {
  const { effects, signature, ...fields } = receipt;
  const proof = signature ? 'signed: see --json' : 'unsigned: RECEIPT_KEY_FILE is not set';
  printFields({ ...fields, signature: proof });
  console.log('');
  printTable(
    ['EFFECT', 'STATUS', 'COUNTS', 'ATTEMPTS', 'FINISHED', 'DEADLINE'],
    effects.map(({ name, status, counts, attempts, finishedAt, deadline }) => [
      name,
      status,
      JSON.stringify(counts),
      String(attempts),
      finishedAt ?? '-',
      deadline,
    ]),
  );
  if (checks.length > 0) console.log('');
  for (const check of checks) console.log(lineOf(check));
}

function lineOf({ what, isOk, found }: Check): string {
  return `${isOk ? 'ok    ' : 'not ok'}  ${what}${found ? `: ${found}` : ''}`;
}
