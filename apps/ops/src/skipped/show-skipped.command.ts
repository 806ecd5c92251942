import { SubCommand } from 'nest-commander';
import { showSkipped } from '@app/operations';
import type { OpsOptions } from '../command/ops-command';
import { OpsCommand } from '../command/ops-command';
import { printFields, printJson } from '../print';

@SubCommand({
  name: 'show',
  arguments: '<id>',
  argsDescription: { id: 'as `skipped list` shows it' },
  description: 'One that was refused, whole, with its digest.',
})
export class ShowSkippedCommand extends OpsCommand {
  protected override readonly examples = ['skipped show 12 --json'];

  async run([id]: [string], options: OpsOptions): Promise<void> {
    const { message, ...skipped } = await showSkipped(this.settings(options), id);
    if (options.json) return printJson({ ...skipped, message });
    printFields({ ...skipped, ...message });
  }
}
