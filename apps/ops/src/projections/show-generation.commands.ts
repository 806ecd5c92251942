import { Option, SubCommand } from 'nest-commander';
import type { AuditedChange } from '@app/operations';
import { generationNumber, rollingBack, swapping } from '@app/operations';
import type { ChangeOptions } from '../command/changing-command';
import { ChangingCommand } from '../command/changing-command';

const argsDescription = { projection: 'channels or receipts' };

/** Readers led to another generation; they see it, or nothing has changed. */
abstract class ShowingCommand<O extends ChangeOptions> extends ChangingCommand<number, O> {
  protected report(generation: number, [name]: [string]): string[] {
    return [`readers see generation ${generation} of ${name}`];
  }

  protected toJson(generation: number): object {
    return { live: generation };
  }
}

interface SwapOptions extends ChangeOptions {
  readonly to?: string;
}

@SubCommand({
  name: 'swap',
  arguments: '<projection>',
  argsDescription,
  description: 'Show another generation to readers, once it is where the live one is.',
})
export class SwapProjectionCommand extends ShowingCommand<SwapOptions> {
  protected override readonly examples = [
    "projections swap channels --actor ana@example.com --reason 'compared, and right'",
  ];
  protected override readonly notes = [
    'No read fails or waits longer than a moment. It waits a minute for the other generation to come to\nwhere the live one is: a projector has to run.',
  ];

  protected change([name]: [string], options: SwapOptions): AuditedChange<number> {
    const to = options.to === undefined ? undefined : generationNumber(options.to);
    return swapping(this.settings(options), name, to);
  }

  @Option({ flags: '--to <generation>', description: 'which one; else the newest that stands by' })
  to(generation: string): string {
    return generation;
  }
}

@SubCommand({
  name: 'rollback',
  arguments: '<projection>',
  argsDescription,
  description: 'Lead readers back to the generation that they saw before.',
})
export class RollBackProjectionCommand extends ShowingCommand<ChangeOptions> {
  protected override readonly examples = [
    "projections rollback channels --actor ana@example.com --reason 'the new rows are wrong'",
  ];
  protected override readonly notes = [
    'That one was followed all the time: a channel that has ended since is ended in it, too.',
  ];

  protected change([name]: [string], options: ChangeOptions): AuditedChange<number> {
    return rollingBack(this.settings(options), name);
  }
}
