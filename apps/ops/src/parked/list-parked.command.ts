import { SubCommand } from 'nest-commander';
import { listParked } from '@app/operations';
import type { OpsOptions } from '../command/ops-command';
import { OpsCommand } from '../command/ops-command';
import { printJson, printTable } from '../print';

@SubCommand({ name: 'list', description: 'What is parked and why, the oldest first.' })
export class ListParkedCommand extends OpsCommand {
  protected override readonly examples = ['parked list --json'];

  async run(_: string[], options: OpsOptions): Promise<void> {
    const parked = await listParked(this.settings(options));
    if (options.json) return printJson(parked);
    printTable(
      ['ID', 'CHANNEL', 'PARKED', 'REASON'],
      parked.map(({ id, channelId, parkedAt, reason }) => [id, channelId ?? '-', parkedAt, reason]),
    );
  }
}
