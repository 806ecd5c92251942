import { Option, SubCommand } from 'nest-commander';
import type { AuditedChange, RepairReport } from '@app/operations';
import { repairing, verifyProjection } from '@app/operations';
import type { VerifyReport, WrongRow } from '@app/projections';
import type { ChangeOptions } from '../command/changing-command';
import { ChangingCommand } from '../command/changing-command';
import { exitCodes } from '../command/exit-codes';
import { printJson } from '../print';
import { longWork } from './long-work';

interface VerifyOptions extends ChangeOptions {
  readonly repair?: boolean;
}

@SubCommand({
  name: 'verify',
  arguments: '<projection>',
  argsDescription: { projection: 'channels or receipts' },
  description: 'Compare its rows with what the events say, at one position.',
})
export class VerifyProjectionCommand extends ChangingCommand<RepairReport, VerifyOptions> {
  protected override readonly examples = [
    'projections verify channels',
    "projections verify channels --repair --actor ana@example.com --reason 'a wrong row was reported'",
  ];
  protected override readonly notes = [
    'Changes nothing and needs no actor without --repair. Prints each row that is missing, extra or\nchanged, and of a changed one the fields; ends with 1 when there are any. With --repair a correct\ngeneration takes the place of the wrong one, and it ends with 0.',
  ];

  override async run(args: string[], options: VerifyOptions): Promise<void> {
    if (options.repair) return super.run(args, options);
    const [name] = args as [string];
    const settings = this.settings(options, 'ops events');
    const report = await longWork(name, options, (work) => verifyProjection(settings, name, work));
    if (options.json) printJson(report);
    else for (const line of linesOf(report, name)) console.log(line);
    if (report.wrongRows > 0) process.exitCode = exitCodes.failed;
  }

  protected change([name]: [string], options: VerifyOptions): AuditedChange<RepairReport> {
    const settings = this.settings(options, 'ops events');
    return {
      preview: () => longWork(name, options, (work) => repairing(settings, name, work).preview()),
      apply: (mandate) =>
        longWork(name, options, (work) => repairing(settings, name, work).apply(mandate)),
    };
  }

  protected report(report: RepairReport, [name]: [string]): string[] {
    const { repairedBy } = report;
    if (repairedBy === null) return linesOf(report, name);
    return [...linesOf(report, name), `repaired: readers see generation ${repairedBy}`];
  }

  protected toJson(report: RepairReport): RepairReport {
    return report;
  }

  @Option({ flags: '--repair', description: 'have a correct generation take its place' })
  repair(): boolean {
    return true;
  }
}

function linesOf(report: VerifyReport, name: string): string[] {
  const { wrong, wrongRows, rows, events, generation, position } = report;
  const where = `generation ${generation} of ${name}, ${events} events up to ${position ?? 'none'}`;
  if (wrongRows === 0) return [`all ${rows} rows are right: ${where}`];
  const more = wrongRows - wrong.length;
  return [
    ...wrong.flatMap(rowLines),
    ...(more > 0 ? [`and ${more} more`] : []),
    `${wrongRows} wrong ${wrongRows === 1 ? 'row' : 'rows'}: ${where}`,
  ];
}

function rowLines({ key, kind, fields }: WrongRow): string[] {
  const changed = Object.entries(fields).map(
    ([field, { live, correct }]) =>
      `  ${field}: ${JSON.stringify(live)} instead of ${JSON.stringify(correct)}`,
  );
  return [`${kind} ${key}`, ...changed];
}
