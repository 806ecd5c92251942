import { Option, SubCommand } from 'nest-commander';
import { listSkipped, WrongUsage } from '@app/operations';
import type { OpsOptions } from '../command/ops-command';
import { OpsCommand } from '../command/ops-command';
import { printJson, printTable } from '../print';

interface ListOptions extends OpsOptions {
  limit?: number;
}

@SubCommand({ name: 'list', description: 'What was refused and why, the latest first.' })
export class ListSkippedCommand extends OpsCommand {
  protected override readonly examples = ['skipped list --limit 1000 --json'];

  async run(_: string[], options: ListOptions): Promise<void> {
    const skipped = await listSkipped(this.settings(options), options.limit ?? 100);
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

  @Option({ flags: '--limit <count>', description: 'how many at most; 100 unless given' })
  limit(count: string): number {
    if (!/^[1-9]\d{0,5}$/.test(count)) throw new WrongUsage('--limit is a number from 1 to 999999');
    return Number(count);
  }
}
