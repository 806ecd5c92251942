import { SubCommand } from 'nest-commander';
import type { GenerationStatus } from '@app/operations';
import { projectionStatus } from '@app/operations';
import type { OpsOptions } from '../command/ops-command';
import { OpsCommand } from '../command/ops-command';
import { printJson, printTable } from '../print';

@SubCommand({
  name: 'status',
  arguments: '[projection]',
  argsDescription: { projection: 'channels or receipts; all of them without it' },
  description: 'How far each generation is behind the event store, and who follows it.',
})
export class ProjectionStatusCommand extends OpsCommand {
  protected override readonly examples = [
    'projections status',
    'projections status channels --json',
  ];
  protected override readonly notes = [
    'EVENTS are those that are not applied yet; SECONDS lie between the last one that is and the last one\nthat stands in the store: an idle store is no lag.',
  ];

  async run([name]: string[], options: OpsOptions): Promise<void> {
    const all = await projectionStatus(this.settings(options, 'ops events'), name);
    if (options.json) return printJson(all);
    printTable(
      ['PROJECTION', 'GENERATION', 'STATE', 'EVENTS', 'SECONDS', 'POSITION', 'FOLLOWED BY'],
      all.map((one) => [
        one.projection,
        String(one.generation),
        one.pausedSince ? `${one.state} (paused)` : one.state,
        behind(one),
        one.lag?.seconds.toFixed(1) ?? '-',
        one.position ?? '-',
        followedBy(one),
      ]),
    );
  }
}

function behind({ state, lag }: GenerationStatus): string {
  if (!lag) return state === 'building' ? '-' : 'another event store';
  return lag.counted ? String(lag.events) : `more than ${lag.events}`;
}

function followedBy({ state, leader }: GenerationStatus): string {
  return leader ?? (state === 'building' ? 'a replay, if one runs' : 'nobody');
}
