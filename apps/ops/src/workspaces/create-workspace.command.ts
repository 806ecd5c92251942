import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { loadSettings } from '@app/config';
import { createWorkspace } from '@app/operations';
import { jsonFlag, printJson } from '../print';

@SubCommand({
  name: 'create',
  arguments: '<name>',
  description: 'Make a workspace; prints its id.',
})
export class CreateWorkspaceCommand extends CommandRunner {
  async run([name]: [string], { json }: { json?: boolean }): Promise<void> {
    const id = await createWorkspace(loadSettings('ops'), name);
    if (json) return printJson({ id, name });
    console.log(id);
  }

  @Option(jsonFlag)
  json(): boolean {
    return true;
  }
}
