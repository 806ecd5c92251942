import type { MintedCredential, ServiceScope } from '@app/access';
import { serviceScopes } from '@app/access';
import type { Settings } from '@app/config';
import type { WorkspaceId } from '@app/domain';
import type { AuditedChange } from '../changes/change';
import { auditedChange } from '../changes/change';
import { NothingFound, WrongUsage } from '../errors';
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
 * A new key of a user. Its secret is in what `apply` answers, and nowhere else.
 *
 * @throws WrongUsage; what could never open anything is refused when it is looked at
 */
export function mintingUserKey(
  settings: Settings,
  { userId, workspaceIds }: UserKeyRequest,
): AuditedChange<MintedCredential> {
  assertUserId(userId);
  const check = async ({ workspaces }: Access): Promise<void> => {
    const memberOf = await workspaces.of(userId);
    if (memberOf.length === 0) {
      throw new NothingFound(`${userId} is a member of no workspace: ops workspaces admit`);
    }
    const foreign = workspaceIds.find((id) => !memberOf.includes(id));
    if (foreign) {
      throw new NothingFound(`${userId} is no member of ${foreign}: ops workspaces admit`);
    }
  };
  const reach = workspaceIds.length === 0 ? 'all of their workspaces' : workspaceIds.join(' ');
  return auditedChange(settings, {
    command: 'keys mint',
    args: { userId, workspaceIds },
    preview: () => withAccess(settings, check).then(() => [`make a key of ${userId} for ${reach}`]),
    apply: () =>
      withAccess(settings, async (access) => {
        await check(access);
        return access.keys.mint(userId, workspaceIds.length === 0 ? null : workspaceIds);
      }),
  });
}

/**
 * A new credential of a service. Its secret is in what `apply` answers, and nowhere else.
 *
 * @throws WrongUsage for a scope that there isn't
 */
export function mintingServiceKey(
  settings: Settings,
  service: string,
  scopes: readonly string[],
): AuditedChange<MintedCredential> {
  if (scopes.length === 0) throw new WrongUsage(`Give it a --scope: ${serviceScopes.join(', ')}`);
  const unknown = scopes.find((scope) => !(serviceScopes as readonly string[]).includes(scope));
  if (unknown)
    throw new WrongUsage(`${unknown} is no scope; there are ${serviceScopes.join(', ')}`);
  const wanted = [...new Set(scopes as readonly ServiceScope[])];
  return auditedChange(settings, {
    command: 'keys mint',
    args: { service, scopes: wanted },
    preview: async () => [`make a credential of ${service} for ${wanted.join(', ')}`],
    apply: () => withAccess(settings, ({ services }) => services.mint(service, wanted)),
  });
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
 * The end of a key or a credential, for good: from the next request on it opens nothing. A repeat
 * changes nothing.
 *
 * @param id as `listKeys` shows it
 */
export function revokingKey(settings: Settings, id: string): AuditedChange<void> {
  const absent = (): NothingFound => new NothingFound(`There is no key ${id}: ops keys list`);
  return auditedChange(settings, {
    command: 'keys revoke',
    args: { id },
    preview: async () => {
      const key = (await listKeys(settings)).find((listed) => listed.id === id);
      if (!key) throw absent();
      const since = key.revokedAt ? ` (it is, since ${key.revokedAt})` : '';
      return [`revoke ${id}, ${key.prefix}… of ${key.holder}, for good${since}`];
    },
    apply: () =>
      withAccess(settings, async ({ keys, services }) => {
        if (!((await keys.revoke(id)) || (await services.revoke(id)))) throw absent();
      }),
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
