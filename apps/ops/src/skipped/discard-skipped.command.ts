import { SubCommand } from 'nest-commander';
import type { AuditedChange } from '@app/operations';
import { discardingSkipped } from '@app/operations';
import type { ChangeOptions } from '../command/changing-command';
import { DestroyingCommand } from '../command/changing-command';

@SubCommand({
  name: 'discard',
  arguments: '<id>',
  argsDescription: { id: 'as `skipped list` shows it' },
  description: 'Delete one for good. The audit keeps where it came from, and its digest.',
})
export class DiscardSkippedCommand extends DestroyingCommand<void> {
  protected override readonly examples = [
    "skipped discard 12 --actor ana@example.com --reason 'a load test, see #4711' --yes",
  ];

  protected change([id]: [string], options: ChangeOptions): AuditedChange<void> {
    return discardingSkipped(this.settings(options), id);
  }

  protected report(_: void, [id]: [string]): string[] {
    return [`discarded: ${id}`];
  }

  protected toJson(_: void, [id]: [string]): object {
    return { discarded: id };
  }
}
