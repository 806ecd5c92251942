import { Option, SubCommand } from 'nest-commander';
import type { AuditedChange } from '@app/operations';
import { admittingMember } from '@app/operations';
import type { ChangeOptions } from '../command/changing-command';
import { ChangingCommand } from '../command/changing-command';

interface AdmitOptions extends ChangeOptions {
  role: string;
  user?: string;
}

@SubCommand({
  name: 'admit',
  arguments: '<workspace>',
  argsDescription: { workspace: 'its id: ws_…' },
  description: "Make a user a member of a workspace, or change a member's role; prints their id.",
})
export class AdmitMemberCommand extends ChangingCommand<string, AdmitOptions> {
  protected override readonly examples = [
    "workspaces admit ws_… --role OWNER --actor ana@example.com --reason 'Acme signed'",
  ];

  protected change([workspaceId]: [string], options: AdmitOptions): AuditedChange<string> {
    const { role, user: userId } = options;
    return admittingMember(this.settings(options), { workspaceId, role, userId });
  }

  protected report(userId: string): string[] {
    return [userId];
  }

  protected toJson(userId: string, [workspaceId]: [string], { role }: AdmitOptions): object {
    return { workspaceId, userId, role };
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
}
