import { Option, SubCommand } from 'nest-commander';
import type { MissingEffect } from '@app/operations';
import { listDisconnections, WrongUsage } from '@app/operations';
import type { OpsOptions } from '../command/ops-command';
import { OpsCommand } from '../command/ops-command';
import { printJson, printTable } from '../print';

interface ListOptions extends OpsOptions {
  overdue?: boolean;
  stuck?: boolean;
}

@SubCommand({
  name: 'list',
  description: 'Disconnections that are not done: their deadline, and what is missing.',
})
export class ListDisconnectionsCommand extends OpsCommand {
  protected override readonly examples = [
    'disconnections list --stuck',
    'disconnections list --overdue --json',
  ];

  async run(_: string[], options: ListOptions): Promise<void> {
    const { overdue, stuck, json } = options;
    if (overdue && stuck) throw new WrongUsage('Give --overdue or --stuck, not both');
    const open = (await listDisconnections(this.settings(options))).filter(
      ({ isOverdue, isStuck }) => (!overdue || isOverdue) && (!stuck || isStuck),
    );
    if (json) return printJson(open);
    printTable(
      ['CHANNEL', 'STATUS', 'REQUESTED', 'DEADLINE', 'MISSING'],
      open.map(({ channelId, status, requestedAt, deadline, isOverdue, missing }) => [
        channelId,
        status,
        requestedAt,
        isOverdue ? `${deadline} (past)` : deadline,
        missing.map(lineOf).join('; ') || '-',
      ]),
    );
  }

  @Option({ flags: '--overdue', description: 'only those past their deadline' })
  overdue(): boolean {
    return true;
  }

  @Option({
    flags: '--stuck',
    description: 'only those with something parked, or not done after EFFECT_ALERT_MINUTES',
  })
  stuck(): boolean {
    return true;
  }
}

function lineOf({ effect, state, error }: MissingEffect): string {
  return `${effect} ${state}${error ? ` (${error})` : ''}`;
}
