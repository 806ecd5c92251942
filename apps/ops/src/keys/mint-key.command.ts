import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { loadSettings } from '@app/config';
import { mintServiceKey, mintUserKey } from '@app/operations';
import { collect, jsonFlag, printJson } from '../print';

interface MintOptions {
  user?: string;
  workspace?: string[];
  service?: string;
  scope?: string[];
  json?: boolean;
}

@SubCommand({
  name: 'mint',
  description: 'Make a key for a user, or a credential for a service. Its secret is shown once.',
})
export class MintKeyCommand extends CommandRunner {
  async run(_: string[], { json, ...request }: MintOptions): Promise<void> {
    const minted = await mint(request);
    if (json) return printJson(minted);
    console.log(`${minted.id}\n${minted.secret}\nKeep it now: it is stored nowhere.`);
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

  @Option(jsonFlag)
  json(): boolean {
    return true;
  }
}

function mint({ user, workspace = [], service, scope = [] }: MintOptions) {
  const settings = loadSettings('ops');
  if (user !== undefined && service === undefined && scope.length === 0) {
    return mintUserKey(settings, { userId: user, workspaceIds: workspace });
  }
  if (service !== undefined && user === undefined && workspace.length === 0) {
    return mintServiceKey(settings, service, scope);
  }
  throw new Error('Give a --user (and --workspace), or a --service and its --scope');
}
