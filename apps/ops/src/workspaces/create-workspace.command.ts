import { SubCommand } from 'nest-commander';
import type { AuditedChange } from '@app/operations';
import { creatingWorkspace } from '@app/operations';
import type { ChangeOptions } from '../command/changing-command';
import { ChangingCommand } from '../command/changing-command';

@SubCommand({
  name: 'create',
  arguments: '<name>',
  argsDescription: { name: 'as people call it' },
  description: 'Make a workspace; prints its id.',
})
export class CreateWorkspaceCommand extends ChangingCommand<string> {
  protected override readonly examples = [
    "workspaces create Acme --actor ana@example.com --reason 'Acme signed'",
  ];

  protected change([name]: [string], options: ChangeOptions): AuditedChange<string> {
    return creatingWorkspace(this.settings(options), name);
  }

  protected report(id: string): string[] {
    return [id];
  }

  protected toJson(id: string, [name]: [string]): object {
    return { id, name };
  }
}
