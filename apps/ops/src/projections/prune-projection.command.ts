import { SubCommand } from 'nest-commander';
import type { AuditedChange } from '@app/operations';
import { pruning } from '@app/operations';
import type { ChangeOptions } from '../command/changing-command';
import { DestroyingCommand } from '../command/changing-command';

@SubCommand({
  name: 'prune',
  arguments: '<projection>',
  argsDescription: { projection: 'channels or receipts' },
  description: 'Drop every generation that readers do not see: no rollback afterwards.',
})
export class PruneProjectionCommand extends DestroyingCommand<number[]> {
  protected override readonly examples = [
    "projections prune channels --actor ana@example.com --reason 'a week without a complaint' --yes",
  ];

  protected change([name]: [string], options: ChangeOptions): AuditedChange<number[]> {
    return pruning(this.settings(options), name);
  }

  protected report(dropped: number[], [name]: [string]): string[] {
    if (dropped.length === 0) return ['nothing to do'];
    return dropped.map((generation) => `dropped: generation ${generation} of ${name}`);
  }

  protected toJson(dropped: number[]): object {
    return { dropped };
  }
}
