import { Option } from 'nest-commander';
import { readEnvironment } from '@app/config';
import type { AuditedChange, Change, Mandate } from '@app/operations';
import { mandateOf } from '@app/operations';
import { printJson } from '../print';
import { confirmed } from './confirmed';
import type { OpsOptions } from './ops-command';
import { OpsCommand } from './ops-command';

/** What every command takes that changes something. */
export interface ChangeOptions extends OpsOptions, Partial<Mandate> {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** Something that can be previewed and then done: how both are printed. */
abstract class PreviewedCommand<Made, Options extends ChangeOptions> extends OpsCommand {
  /** What is printed for people. */
  protected abstract report(made: Made, args: readonly string[], options: Options): string[];
  /** What is printed with `--json`. */
  protected abstract toJson(made: Made, args: readonly string[], options: Options): unknown;

  protected printPreview(lines: readonly string[], { json }: Options): void {
    if (json) return printJson({ dryRun: true, would: lines });
    if (lines.length === 0) console.log('nothing to do');
    for (const line of lines) console.log(`would ${line}`);
  }

  protected printMade(made: Made, args: readonly string[], options: Options): void {
    if (options.json) return printJson(this.toJson(made, args, options));
    for (const line of this.report(made, args, options)) console.log(line);
  }

  @Option({ flags: '--dry-run', description: 'say what would be changed, and change nothing' })
  dryRun(): boolean {
    return true;
  }
}

/**
 * A key file written: before there is a database, or far from it, and so not audited. Its help says
 * so.
 */
export abstract class FileCommand<Made> extends PreviewedCommand<Made, ChangeOptions> {
  protected override readonly notes: readonly string[] = [
    'Not audited: it writes a file, and needs no database.',
  ];

  async run(args: string[], options: ChangeOptions): Promise<void> {
    const change = this.change(args);
    if (options.dryRun) return this.printPreview(await change.preview(), options);
    this.printMade(await change.apply(), args, options);
  }

  /** What is asked for, not done yet. */
  protected abstract change(args: readonly string[]): Change<Made>;
}

/** Something changed on somebody's behalf, and audited. */
export abstract class ChangingCommand<
  Made,
  Options extends ChangeOptions = ChangeOptions,
> extends PreviewedCommand<Made, Options> {
  async run(args: string[], options: Options): Promise<void> {
    const { actor = readEnvironment()['OPS_ACTOR'], reason, dryRun } = options;
    const mandate = dryRun ? undefined : mandateOf({ actor, reason });
    const change = this.change(args, options);
    if (!mandate) return this.printPreview(await change.preview(), options);
    await this.confirm(change, args, options);
    this.printMade(await change.apply(mandate), args, options);
  }

  /** What is asked for, not done yet. */
  protected abstract change(args: readonly string[], options: Options): AuditedChange<Made>;

  /** Throws when nobody confirms what has to be confirmed. */
  protected async confirm(
    _change: AuditedChange<Made>,
    _args: readonly string[],
    _options: Options,
  ): Promise<void> {}

  @Option({
    flags: '--actor <who>',
    description:
      'who changes it: an email address, a usr_ id; kept in the audit (or set OPS_ACTOR)',
  })
  actor(who: string): string {
    return who;
  }

  @Option({ flags: '--reason <why>', description: 'why, in one line; kept in the audit' })
  reason(why: string): string {
    return why;
  }
}

/** Something destroyed: asked for twice. The first argument names it. */
export abstract class DestroyingCommand<
  Made,
  Options extends ChangeOptions = ChangeOptions,
> extends ChangingCommand<Made, Options> {
  protected override async confirm(
    change: AuditedChange<Made>,
    [name]: readonly string[],
    { yes }: Options,
  ): Promise<void> {
    const preview = await change.preview();
    if (!yes) await confirmed(name!, preview);
  }

  @Option({ flags: '--yes', description: "don't ask for a confirmation" })
  yes(): boolean {
    return true;
  }
}
