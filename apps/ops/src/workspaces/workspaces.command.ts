import { Command, CommandRunner } from 'nest-commander';
import { AdmitMemberCommand } from './admit-member.command';
import { CreateWorkspaceCommand } from './create-workspace.command';

@Command({
  name: 'workspaces',
  description: 'Workspaces and their members.',
  subCommands: [CreateWorkspaceCommand, AdmitMemberCommand],
})
export class WorkspacesCommand extends CommandRunner {
  async run(): Promise<void> {
    this.command.help();
  }
}
