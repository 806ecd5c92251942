import { SubCommand } from 'nest-commander';
import { listKeys } from '@app/operations';
import type { OpsOptions } from '../command/ops-command';
import { OpsCommand } from '../command/ops-command';
import { printJson, printTable } from '../print';

@SubCommand({ name: 'list', description: 'Every key and credential, revoked ones included.' })
export class ListKeysCommand extends OpsCommand {
  protected override readonly examples = ['keys list --json'];

  async run(_: string[], options: OpsOptions): Promise<void> {
    const keys = await listKeys(this.settings(options));
    if (options.json) return printJson(keys);
    printTable(
      ['ID', 'PREFIX', 'HOLDER', 'ALLOWED', 'CREATED', 'REVOKED'],
      keys.map(({ id, prefix, holder, allowed, createdAt, revokedAt }) => [
        id,
        prefix,
        holder,
        allowed?.join(' ') ?? 'all workspaces',
        createdAt,
        revokedAt ?? '-',
      ]),
    );
  }
}
