import { SubCommand } from 'nest-commander';
import type { AuditedChange } from '@app/operations';
import { redriving } from '@app/operations';
import type { ChangeOptions } from '../command/changing-command';
import { ChangingCommand } from '../command/changing-command';

@SubCommand({
  name: 'redrive',
  arguments: '<id>',
  argsDescription: { id: 'as `parked list` shows it: token-wipe:soc_…, message:1' },
  description: 'Have it tried again, once its cause is mended.',
})
export class RedriveParkedCommand extends ChangingCommand<void> {
  protected override readonly examples = [
    "parked redrive token-wipe:soc_… --actor ana@example.com --reason 'the database is back'",
  ];

  protected change([id]: [string], options: ChangeOptions): AuditedChange<void> {
    return redriving(this.settings(options), id);
  }

  protected report(_: void, [id]: [string]): string[] {
    return [`redriven: ${id}`];
  }

  protected toJson(_: void, [id]: [string]): object {
    return { redriven: id };
  }
}
