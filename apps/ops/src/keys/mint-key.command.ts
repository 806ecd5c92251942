import { Option, SubCommand } from 'nest-commander';
import type { MintedCredential } from '@app/access';
import type { AuditedChange } from '@app/operations';
import { mintingServiceKey, mintingUserKey, WrongUsage } from '@app/operations';
import type { ChangeOptions } from '../command/changing-command';
import { ChangingCommand } from '../command/changing-command';
import { collect } from '../print';

interface MintOptions extends ChangeOptions {
  user?: string;
  workspace?: string[];
  service?: string;
  scope?: string[];
}

@SubCommand({
  name: 'mint',
  description: 'Make a key for a user, or a credential for a service. Its secret is shown once.',
})
export class MintKeyCommand extends ChangingCommand<MintedCredential, MintOptions> {
  protected override readonly examples = [
    "keys mint --user usr_… --actor ana@example.com --reason 'the gateway of Acme'",
    "keys mint --service publisher --scope lease --actor ana@example.com --reason 'new publisher'",
  ];

  protected change(_: string[], options: MintOptions): AuditedChange<MintedCredential> {
    const { user, workspace = [], service, scope = [] } = options;
    if (user !== undefined && service === undefined && scope.length === 0) {
      return mintingUserKey(this.settings(options), { userId: user, workspaceIds: workspace });
    }
    if (service !== undefined && user === undefined && workspace.length === 0) {
      return mintingServiceKey(this.settings(options), service, scope);
    }
    throw new WrongUsage('Give a --user (and --workspace), or a --service and its --scope');
  }

  protected report({ id, secret }: MintedCredential): string[] {
    return [id, secret, 'Keep it now: it is stored nowhere.'];
  }

  protected toJson(minted: MintedCredential): MintedCredential {
    return minted;
  }

  @Option({ flags: '--user <id>', description: 'the user that the key speaks for: usr_…' })
  user(id: string): string {
    return id;
  }

  @Option({
    flags: '--workspace <id>',
    description: 'a workspace that a scoped key reaches, again for each; without: all of the user',
  })
  workspace(id: string, before?: string[]): string[] {
    return collect(id, before);
  }

  @Option({ flags: '--service <name>', description: 'the service that the credential is for' })
  service(name: string): string {
    return name;
  }

  @Option({
    flags: '--scope <scope>',
    description: 'what the service may do, again for each: connect, refresh, lease',
  })
  scope(scope: string, before?: string[]): string[] {
    return collect(scope, before);
  }
}
