import { Option, SubCommand } from 'nest-commander';
import type { AuditedChange, LongWork } from '@app/operations';
import { replaying } from '@app/operations';
import type { ReplayReport } from '@app/projections';
import type { ChangeOptions } from '../command/changing-command';
import { ChangingCommand } from '../command/changing-command';
import { longWork } from './long-work';

interface ReplayOptions extends ChangeOptions {
  readonly keep?: boolean;
  readonly fromAnotherHistory?: boolean;
}

@SubCommand({
  name: 'replay',
  arguments: '<projection>',
  argsDescription: { projection: 'channels or receipts' },
  description: 'Build its rows anew from the first event on, beside the live ones, and show them.',
})
export class ReplayProjectionCommand extends ChangingCommand<ReplayReport, ReplayOptions> {
  protected override readonly examples = [
    "projections replay channels --actor ana@example.com --reason 'release 1.4 makes other rows'",
    "projections replay receipts --keep --actor ana@example.com --reason 'to compare first'",
  ];
  protected override readonly notes = [
    'Readers see the live generation all the time, and no read fails. No message is sent and no effect is\ncaused. Ctrl-C, a kill or a failure leave the live one as it was; what a killed one leaves behind, the\nnext one drops, and one that was complete stands by. The former generation stands by and is followed: see rollback and prune.',
  ];

  protected change([name]: [string], options: ReplayOptions): AuditedChange<ReplayReport> {
    const settings = this.settings(options, 'ops events');
    const change = (work: LongWork) =>
      replaying(settings, name, {
        ...work,
        show: !options.keep,
        anotherHistory: options.fromAnotherHistory,
      });
    const idle = { signal: new AbortController().signal, onProgress: () => undefined };
    return {
      preview: () => change(idle).preview(),
      apply: (mandate) => longWork(name, options, (work) => change(work).apply(mandate)),
    };
  }

  protected report({ generation, events, rows, live }: ReplayReport, [name]: [string]): string[] {
    return [
      `generation ${generation} of ${name}: ${rows} rows of ${events} events`,
      live ? 'readers see it' : `it stands by: ops projections swap ${name}`,
    ];
  }

  protected toJson(report: ReplayReport): ReplayReport {
    return report;
  }

  @Option({
    flags: '--from-another-history',
    description: 'the event store was restored: see docs/operating.md',
  })
  fromAnotherHistory(): boolean {
    return true;
  }

  @Option({ flags: '--keep', description: 'leave readers where they are: it stands by' })
  keep(): boolean {
    return true;
  }
}
