import { SubCommand } from 'nest-commander';
import { listSkipped } from '@app/operations';
import type { LimitedOptions } from '../command/limited-command';
import { defaultLimit, LimitedCommand } from '../command/limited-command';
import { printJson, printTable } from '../print';

@SubCommand({ name: 'list', description: 'What was refused and why, the latest first.' })
export class ListSkippedCommand extends LimitedCommand {
  protected override readonly examples = ['skipped list --limit 1000 --json'];

  async run(_: string[], options: LimitedOptions): Promise<void> {
    const skipped = await listSkipped(this.settings(options), options.limit ?? defaultLimit);
    if (options.json) return printJson(skipped);
    printTable(
      ['ID', 'SKIPPED', 'EFFECT', 'FROM', 'KEY', 'REASON'],
      skipped.map(({ id, skippedAt, effect, reason, message }) => [
        id,
        skippedAt,
        effect,
        `${message.topic}[${message.partition}]@${message.offset}`,
        message.key ?? '-',
        reason,
      ]),
    );
  }
}
