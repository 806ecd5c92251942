import { Option, SubCommand } from 'nest-commander';
import type { AuditedChange, RecoveryReport } from '@app/operations';
import { eventStoreHosts, recovering } from '@app/operations';
import { confirmed } from '../command/confirmed';
import type { ChangeOptions } from '../command/changing-command';
import { DestroyingCommand } from '../command/changing-command';

interface RecoverOptions extends ChangeOptions {
  readonly intoEmpty?: boolean;
}

@SubCommand({
  name: 'recover',
  description: 'Record what is lost again, as far as the database knows it.',
})
export class RecoverEventsCommand extends DestroyingCommand<RecoveryReport, RecoverOptions> {
  protected override readonly examples = [
    "events recover --actor ana@example.com --reason 'restored from the backup of Monday' --yes",
    'events recover --dry-run',
  ];
  protected override readonly notes = [
    'While every role is stopped, and before the rows are built anew. What is recorded again has the times\nthat it had, and an id of its own. Safe to repeat.',
  ];

  protected change(_: readonly string[], options: RecoverOptions): AuditedChange<RecoveryReport> {
    return recovering(this.settings(options, 'ops events'), options);
  }

  /** By where it is recorded; given `--yes`, every stream isn't read twice. */
  protected override async confirm(
    change: AuditedChange<RecoveryReport>,
    _: readonly string[],
    options: RecoverOptions,
  ): Promise<void> {
    if (options.yes) return;
    const [summary] = await change.preview();
    await confirmed(eventStoreHosts(this.settings(options, 'ops events')), [summary!]);
  }

  protected report({ channels, events, steppedBack }: RecoveryReport): string[] {
    return [
      `recorded again: ${events} events of ${channels} channels`,
      `go on from what they have in common with the event store: ${steppedBack.join(', ') || 'nobody'}`,
    ];
  }

  @Option({
    flags: '--into-empty',
    description: 'record into an event store without any channel of ours, where no backup is left',
  })
  intoEmpty(): boolean {
    return true;
  }

  protected toJson(report: RecoveryReport): RecoveryReport {
    return report;
  }
}
