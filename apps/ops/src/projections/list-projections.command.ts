import { SubCommand } from 'nest-commander';
import { listProjections } from '@app/operations';
import type { OpsOptions } from '../command/ops-command';
import { OpsCommand } from '../command/ops-command';
import { printJson, printTable } from '../print';

@SubCommand({ name: 'list', description: 'Every generation, and which one readers see.' })
export class ListProjectionsCommand extends OpsCommand {
  protected override readonly examples = ['projections list', 'projections list --json'];

  async run(_: string[], options: OpsOptions): Promise<void> {
    const generations = await listProjections(this.settings(options));
    if (options.json) return printJson(generations);
    printTable(
      ['PROJECTION', 'GENERATION', 'VERSION', 'STATE', 'BUILT', 'LIVE SINCE', 'LIVE UNTIL'],
      generations.map((one) => [
        one.projection,
        String(one.generation),
        String(one.version),
        one.pausedSince ? `${one.state} (paused)` : one.state,
        ...[one.builtAt, one.liveSince, one.liveUntil].map((time) => time ?? '-'),
      ]),
    );
  }
}
