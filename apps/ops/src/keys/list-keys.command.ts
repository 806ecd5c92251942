import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { loadSettings } from '@app/config';
import { listKeys } from '@app/operations';
import { jsonFlag, printJson, printTable } from '../print';

@SubCommand({ name: 'list', description: 'Every key and credential, revoked ones included.' })
export class ListKeysCommand extends CommandRunner {
  async run(_: string[], { json }: { json?: boolean }): Promise<void> {
    const keys = await listKeys(loadSettings('ops'));
    if (json) return printJson(keys);
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

  @Option(jsonFlag)
  json(): boolean {
    return true;
  }
}
