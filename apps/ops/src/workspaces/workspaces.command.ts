import { Command } from 'nest-commander';
import { GroupCommand } from '../command/group-command';
import { AdmitMemberCommand } from './admit-member.command';
import { CreateWorkspaceCommand } from './create-workspace.command';

@Command({
  name: 'workspaces',
  description: 'Workspaces and their members.',
  subCommands: [CreateWorkspaceCommand, AdmitMemberCommand],
})
export class WorkspacesCommand extends GroupCommand {
  protected override readonly notes = [
    'Nobody can call the API before there is a workspace with a member, and a key of theirs.',
  ];
}
