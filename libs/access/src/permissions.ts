import type { WorkspaceId } from '@app/domain';

export const roles = ['OWNER', 'ADMIN', 'EDITOR', 'CLIENT_REVIEWER'] as const;
/** What a user is in a workspace. */
export type Role = (typeof roles)[number];

/** Who may do what with a channel: the one place that decides it. */
const permitted = {
  'channel.read': roles,
  'channel.disconnect': ['OWNER', 'ADMIN'],
} as const satisfies Record<string, readonly Role[]>;
export type Permission = keyof typeof permitted;

/** What a service credential may be used for on the internal API. */
export const serviceScopes = ['connect', 'refresh', 'lease'] as const;
export type ServiceScope = (typeof serviceScopes)[number];

/** A user, speaking through one of their keys. */
export interface Principal {
  readonly keyId: string;
  readonly userId: string;
  /** The workspaces in reach: the user's memberships, narrowed by the key's allow-list. */
  readonly reach: ReadonlyMap<WorkspaceId, Role>;
}

/** A service, speaking through its credential. */
export interface ServicePrincipal {
  readonly credentialId: string;
  readonly name: string;
  readonly scopes: readonly ServiceScope[];
}

/** `unreachable` must look to the caller as if the thing didn't exist. */
export type Verdict = 'permitted' | 'forbidden' | 'unreachable';

/** Whether a user may do this in that workspace. */
export function judge(
  principal: Principal,
  permission: Permission,
  workspaceId: WorkspaceId,
): Verdict {
  const role = principal.reach.get(workspaceId);
  if (role === undefined) return 'unreachable';
  const allowed: readonly Role[] = permitted[permission];
  return allowed.includes(role) ? 'permitted' : 'forbidden';
}
