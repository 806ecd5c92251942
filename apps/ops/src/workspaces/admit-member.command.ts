import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { loadSettings } from '@app/config';
import { admitMember } from '@app/operations';
import { jsonFlag, printJson } from '../print';

interface AdmitOptions {
  role: string;
  user?: string;
  json?: boolean;
}

@SubCommand({
  name: 'admit',
  arguments: '<workspace>',
  description: "Make a user a member of a workspace, or change a member's role; prints their id.",
})
export class AdmitMemberCommand extends CommandRunner {
  async run([workspaceId]: [string], { role, user, json }: AdmitOptions): Promise<void> {
    const userId = await admitMember(loadSettings('ops'), { workspaceId, role, userId: user });
    if (json) return printJson({ workspaceId, userId, role });
    console.log(userId);
  }

  @Option({
    flags: '--role <role>',
    required: true,
    description: 'OWNER, ADMIN, EDITOR or CLIENT_REVIEWER',
  })
  role(role: string): string {
    return role;
  }

  @Option({ flags: '--user <id>', description: 'usr_…; without: a new user' })
  user(id: string): string {
    return id;
  }

  @Option(jsonFlag)
  json(): boolean {
    return true;
  }
}
