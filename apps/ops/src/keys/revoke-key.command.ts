import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { loadSettings } from '@app/config';
import { revokeKey } from '@app/operations';
import { jsonFlag, printJson } from '../print';

@SubCommand({
  name: 'revoke',
  arguments: '<id>',
  description: 'Revoke a key or a credential, for good: from the next request on.',
})
export class RevokeKeyCommand extends CommandRunner {
  async run([id]: [string], { json }: { json?: boolean }): Promise<void> {
    await revokeKey(loadSettings('ops'), id);
    if (json) return printJson({ revoked: id });
    console.log(`revoked: ${id}`);
  }

  @Option(jsonFlag)
  json(): boolean {
    return true;
  }
}
