import { SubCommand } from 'nest-commander';
import { showParked } from '@app/operations';
import type { OpsOptions } from '../command/ops-command';
import { OpsCommand } from '../command/ops-command';
import { printFields, printJson } from '../print';

@SubCommand({
  name: 'show',
  arguments: '<id>',
  argsDescription: { id: 'as `parked list` shows it: token-wipe:soc_…, message:1' },
  description: 'One that is parked: its reason and tries, or the message as it came.',
})
export class ShowParkedCommand extends OpsCommand {
  protected override readonly examples = ['parked show token-wipe:soc_…'];

  async run([id]: [string], options: OpsOptions): Promise<void> {
    const { message, ...parked } = await showParked(this.settings(options), id);
    if (options.json) return printJson({ ...parked, message });
    printFields({ ...parked, ...message });
  }
}
