import type { MintedCredential, ServiceScope } from '@app/access';
import { serviceScopes } from '@app/access';
import type { Settings } from '@app/config';
import type { WorkspaceId } from '@app/domain';
import { assertUserId } from './assert-user-id';
import type { Access } from './with-access';
import { withAccess } from './with-access';

/** A key or a credential as operators see it: never its secret, which is nowhere. */
export interface ListedKey {
  readonly id: string;
  /** `pb_live_` or `pb_svc_` and the 8 characters that may be shown. */
  readonly prefix: string;
  /** The user or the service that it speaks for. */
  readonly holder: string;
  /** Workspaces of a scoped key, scopes of a service; null for a key of full access. */
  readonly allowed: readonly string[] | null;
  /** ISO 8601 UTC */
  readonly createdAt: string;
  readonly revokedAt: string | null;
}

export interface UserKeyRequest {
  readonly userId: string;
  /** The allow-list of a scoped key; none for full access. */
  readonly workspaceIds: readonly WorkspaceId[];
}

/**
 * Makes a key for a user. Its secret is in the answer and nowhere else.
 *
 * @throws Error in an operator's words when it could never open anything
 */
export async function mintUserKey(
  settings: Settings,
  request: UserKeyRequest,
): Promise<MintedCredential> {
  const { userId, workspaceIds } = request;
  assertUserId(userId);
  return withAccess(settings, async ({ keys, workspaces }) => {
    const memberOf = await workspaces.of(userId);
    if (memberOf.length === 0) {
      throw new Error(`${userId} is a member of no workspace: ops workspaces admit`);
    }
    const foreign = workspaceIds.find((id) => !memberOf.includes(id));
    if (foreign) throw new Error(`${userId} is no member of ${foreign}: ops workspaces admit`);
    return keys.mint(userId, workspaceIds.length === 0 ? null : workspaceIds);
  });
}

/**
 * Makes a credential for a service. Its secret is in the answer and nowhere else.
 *
 * @throws Error in an operator's words for a scope that there isn't
 */
export async function mintServiceKey(
  settings: Settings,
  name: string,
  scopes: readonly string[],
): Promise<MintedCredential> {
  if (scopes.length === 0) throw new Error(`Give it a --scope: ${serviceScopes.join(', ')}`);
  const unknown = scopes.find((scope) => !(serviceScopes as readonly string[]).includes(scope));
  if (unknown) throw new Error(`${unknown} is no scope; there are ${serviceScopes.join(', ')}`);
  return withAccess(settings, ({ services }) =>
    services.mint(name, [...new Set(scopes as readonly ServiceScope[])]),
  );
}

/** Every key and credential, revoked ones included: users' first, the oldest of each first. */
export function listKeys(settings: Settings): Promise<ListedKey[]> {
  return withAccess(settings, async ({ keys, services }) => [
    ...(await keys.list()).map((key) => ({
      ...listed(key, 'pb_live_'),
      holder: key.userId,
      allowed: key.workspaceIds,
    })),
    ...(await services.list()).map((credential) => ({
      ...listed(credential, 'pb_svc_'),
      holder: credential.name,
      allowed: credential.scopes,
    })),
  ]);
}

/**
 * Revokes a key or a credential, for good: from the next request on it opens nothing. A repeat
 * changes nothing.
 *
 * @throws Error in an operator's words when there is none with that id
 */
export function revokeKey(settings: Settings, id: string): Promise<void> {
  return withAccess(settings, async ({ keys, services }: Access) => {
    const found = (await keys.revoke(id)) || (await services.revoke(id));
    if (!found) throw new Error(`There is no key ${id}: ops keys list`);
  });
}

interface Stored {
  readonly id: string;
  readonly prefix: string;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

function listed({ id, prefix, createdAt, revokedAt }: Stored, marker: string) {
  return {
    id,
    prefix: marker + prefix,
    createdAt: createdAt.toISOString(),
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}
