import { SubCommand } from 'nest-commander';
import type { AuditedChange } from '@app/operations';
import { revokingKey } from '@app/operations';
import type { ChangeOptions } from '../command/changing-command';
import { DestroyingCommand } from '../command/changing-command';

@SubCommand({
  name: 'revoke',
  arguments: '<id>',
  argsDescription: { id: 'as `keys list` shows it: key_…, svc_…' },
  description: 'Revoke a key or a credential, for good: from the next request on.',
})
export class RevokeKeyCommand extends DestroyingCommand<void> {
  protected override readonly examples = [
    "keys revoke key_… --actor ana@example.com --reason 'leaked in a log' --yes",
  ];

  protected change([id]: [string], options: ChangeOptions): AuditedChange<void> {
    return revokingKey(this.settings(options), id);
  }

  protected report(_: void, [id]: [string]): string[] {
    return [`revoked: ${id}`];
  }

  protected toJson(_: void, [id]: [string]): object {
    return { revoked: id };
  }
}
