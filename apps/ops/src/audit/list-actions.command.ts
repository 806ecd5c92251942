import { SubCommand } from 'nest-commander';
import { listActions } from '@app/operations';
import type { LimitedOptions } from '../command/limited-command';
import { defaultLimit, LimitedCommand } from '../command/limited-command';
import { printJson, printTable } from '../print';

@SubCommand({ name: 'list', description: 'Who has changed what, when and why, the latest first.' })
export class ListActionsCommand extends LimitedCommand {
  protected override readonly examples = ['audit list --limit 20'];

  async run(_: string[], options: LimitedOptions): Promise<void> {
    const actions = await listActions(this.settings(options), options.limit ?? defaultLimit);
    if (options.json) return printJson(actions);
    printTable(
      ['AT', 'ACTOR', 'COMMAND', 'OUTCOME', 'REASON', 'ARGUMENTS'],
      actions.map(({ at, actor, command, args, outcome, error, reason }) => [
        at,
        actor,
        command,
        outcome === null ? 'not ended' : `${outcome}${error ? ` (${error})` : ''}`,
        reason,
        JSON.stringify(args),
      ]),
    );
  }
}
