import { ulid } from 'ulid';
import type { Role } from '@app/access';
import { roles } from '@app/access';
import type { Settings } from '@app/config';
import type { WorkspaceId } from '@app/domain';
import { assertUserId } from './assert-user-id';
import { withAccess } from './with-access';

export interface MemberRequest {
  readonly workspaceId: WorkspaceId;
  readonly role: string;
  /** Nobody yet when it isn't given: a new user. */
  readonly userId?: string;
}

/**
 * Makes a workspace without members; returns its id.
 *
 * @throws Error in an operator's words
 */
export async function createWorkspace(settings: Settings, name: string): Promise<WorkspaceId> {
  if (name.trim() === '') throw new Error('A workspace needs a name: ops workspaces create Acme');
  const id = `ws_${ulid()}`;
  return withAccess(settings, async ({ workspaces }) => {
    await workspaces.create(id, name);
    return id;
  });
}

/**
 * Makes a user a member, or changes the role of one; returns the user's id.
 *
 * @throws Error in an operator's words
 */
export async function admitMember(settings: Settings, request: MemberRequest): Promise<string> {
  const { workspaceId, role, userId = `usr_${ulid()}` } = request;
  assertUserId(userId);
  if (!isRole(role)) throw new Error(`${role} is no role; there are ${roles.join(', ')}`);
  return withAccess(settings, async ({ workspaces }) => {
    if (!(await workspaces.exists(workspaceId))) {
      throw new Error(`There is no workspace ${workspaceId}: ops workspaces create`);
    }
    await workspaces.admit(workspaceId, userId, role);
    return userId;
  });
}

function isRole(text: string): text is Role {
  return (roles as readonly string[]).includes(text);
}
