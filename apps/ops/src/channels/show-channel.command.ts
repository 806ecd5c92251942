import { Option, SubCommand } from 'nest-commander';
import { visible } from '@app/observability';
import type { ChannelReport, HistoryEntry } from '@app/operations';
import { showChannel } from '@app/operations';
import type { OpsOptions } from '../command/ops-command';
import { OpsCommand } from '../command/ops-command';
import { printFields, printJson } from '../print';

interface ShowOptions extends OpsOptions {
  history?: boolean;
}

@SubCommand({
  name: 'show',
  arguments: '<id>',
  argsDescription: { id: 'soc_…' },
  description: 'A channel: its row, registry, vault (never what is sealed), work, and its history.',
})
export class ShowChannelCommand extends OpsCommand {
  protected override readonly examples = ['channels show soc_… --history'];

  async run([id]: [string], options: ShowOptions): Promise<void> {
    const { history = false } = options;
    const report = await showChannel(this.settings(options, 'ops events'), id, { history });
    if (options.json) return printJson(report);
    print(report);
  }

  @Option({
    flags: '--history',
    description: 'each event of the channel and of its disconnection as well, in their order',
  })
  history(): boolean {
    return true;
  }
}

function print({ id, row, registry, vault, work, history }: ChannelReport): void {
  console.log(`${id}\n\nRow`);
  if (row) printFields({ ...row });
  else console.log('-');
  console.log('\nRegistry');
  if (registry) printFields({ ...registry });
  else console.log('-');
  console.log('\nVault');
  if (vault) printFields({ ...vault });
  else console.log('-');
  for (const { effect, ...state } of work) {
    console.log(`\nWork: ${effect}`);
    printFields(state);
  }
  if (history) console.log('\nHistory');
  for (const entry of history ?? []) console.log(historyLine(entry));
}

function historyLine(entry: HistoryEntry): string {
  const { stream, revision, at, type, actor, correlationId, data } = entry;
  const where = `${stream.slice(0, stream.indexOf('-'))}@${revision}`;
  return visible(
    `${at}  ${where.padEnd(16)}  ${type}  by ${actor}, ${correlationId}  ${JSON.stringify(data)}`,
  );
}
