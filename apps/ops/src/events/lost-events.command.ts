import { SubCommand } from 'nest-commander';
import type { LostChannel } from '@app/operations';
import { listLost } from '@app/operations';
import type { OpsOptions } from '../command/ops-command';
import { OpsCommand } from '../command/ops-command';
import { printJson, printTable } from '../print';

@SubCommand({
  name: 'lost',
  description:
    'Channels of which the database knows what the event store does not, and what it is.',
})
export class LostEventsCommand extends OpsCommand {
  protected override readonly examples = ['events lost', 'events lost --json'];
  protected override readonly notes = [
    'Changes nothing. It reads the end of a stream for each channel that ever was: about a thousand a second.',
  ];

  async run(_: string[], options: OpsOptions): Promise<void> {
    const lost = await listLost(this.settings(options, 'ops events'));
    if (options.json) return printJson(lost);
    printTable(['CHANNEL', 'WORKSPACE', 'LOST'], lost.map(lineOf));
  }
}

function lineOf({ channelId, workspaceId, lost }: LostChannel): string[] {
  return [channelId, workspaceId, lost.join(', ')];
}
