import { ulid } from 'ulid';
import type { Role } from '@app/access';
import { roles } from '@app/access';
import type { Settings } from '@app/config';
import type { WorkspaceId } from '@app/domain';
import type { AuditedChange } from '../changes/change';
import { auditedChange } from '../changes/change';
import { NothingFound, WrongUsage } from '../errors';
import { assertUserId } from './assert-user-id';
import type { Access } from './with-access';
import { withAccess } from './with-access';

export interface MemberRequest {
  readonly workspaceId: WorkspaceId;
  readonly role: string;
  /** Nobody yet when it isn't given: a new user. */
  readonly userId?: string;
}

/**
 * A new workspace, without members; `apply` answers its id.
 *
 * @throws WrongUsage
 */
export function creatingWorkspace(settings: Settings, name: string): AuditedChange<WorkspaceId> {
  if (name.trim() === '') {
    throw new WrongUsage('A workspace needs a name: ops workspaces create Acme');
  }
  return auditedChange(settings, {
    command: 'workspaces create',
    args: { name },
    preview: async () => [`make a workspace named ${name}`],
    apply: () =>
      withAccess(settings, async ({ workspaces }) => {
        const id = `ws_${ulid()}`;
        await workspaces.create(id, name);
        return id;
      }),
  });
}

/**
 * A user made a member, or given another role; `apply` answers the user's id.
 *
 * @throws WrongUsage
 */
export function admittingMember(
  settings: Settings,
  { workspaceId, role, userId = `usr_${ulid()}` }: MemberRequest,
): AuditedChange<string> {
  assertUserId(userId);
  if (!isRole(role)) throw new WrongUsage(`${role} is no role; there are ${roles.join(', ')}`);
  const check = async ({ workspaces }: Access): Promise<void> => {
    if (await workspaces.exists(workspaceId)) return;
    throw new NothingFound(`There is no workspace ${workspaceId}: ops workspaces create`);
  };
  return auditedChange(settings, {
    command: 'workspaces admit',
    args: { workspaceId, userId, role },
    preview: () =>
      withAccess(settings, check).then(() => [`make ${userId} ${role} of ${workspaceId}`]),
    apply: () =>
      withAccess(settings, async (access) => {
        await check(access);
        await access.workspaces.admit(workspaceId, userId, role);
        return userId;
      }),
  });
}

function isRole(text: string): text is Role {
  return (roles as readonly string[]).includes(text);
}
