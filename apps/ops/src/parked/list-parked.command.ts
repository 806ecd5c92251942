import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { loadSettings } from '@app/config';
import { listParked } from '@app/operations';
import { jsonFlag, printJson, printTable } from '../print';

@SubCommand({ name: 'list', description: 'What is parked and why, the oldest first.' })
export class ListParkedCommand extends CommandRunner {
  async run(_: string[], { json }: { json?: boolean }): Promise<void> {
    const parked = await listParked(loadSettings('ops'));
    if (json) return printJson(parked);
    printTable(
      ['ID', 'CHANNEL', 'PARKED', 'REASON'],
      parked.map(({ id, channelId, parkedAt, reason }) => [id, channelId ?? '-', parkedAt, reason]),
    );
  }

  @Option(jsonFlag)
  json(): boolean {
    return true;
  }
}
