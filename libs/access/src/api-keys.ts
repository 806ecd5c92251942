import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Repository } from 'typeorm';
import { ulid } from 'ulid';
import type { WorkspaceId } from '@app/domain';
import type { MintedCredential } from './credentials';
import { isSecret, mintSecret, secretHash } from './credentials';
import { ApiKeyEntity } from './entities/api-key.entity';
import type { Principal, Role } from './permissions';

/** The keys of users. */
@Injectable()
export class ApiKeys {
  constructor(@InjectRepository(ApiKeyEntity) private readonly keys: Repository<ApiKeyEntity>) {}

  /**
   * Makes a key for a user.
   *
   * @param workspaceIds the allow-list of a scoped key; null for full access
   */
  async mint(
    userId: string,
    workspaceIds: readonly WorkspaceId[] | null,
  ): Promise<MintedCredential> {
    const { secret, prefix } = mintSecret('pb_live_');
    const id = `key_${ulid()}`;
    await this.keys.insert({
      id,
      userId,
      prefix,
      sha256: secretHash(secret),
      workspaceIds: workspaceIds ? [...workspaceIds] : null,
    });
    return { id, secret, prefix };
  }

  /** The keys of a user, or of everybody; the oldest first, revoked ones included. */
  async list(userId?: string): Promise<ApiKeyEntity[]> {
    return this.keys.find({
      where: userId ? { userId } : {},
      order: { createdAt: 'ASC', id: 'ASC' },
    });
  }

  /**
   * From now on the key opens nothing, in any process. A repeat changes nothing.
   *
   * @returns whether there is such a key
   */
  async revoke(id: string): Promise<boolean> {
    await this.keys.update({ id, revokedAt: IsNull() }, { revokedAt: () => 'clock_timestamp()' });
    return this.keys.existsBy({ id });
  }

  /**
   * Whom a key speaks for, and where. Asked anew for each request, so that a revoked key or a
   * membership that ended counts at once.
   */
  async authenticate(secret: string): Promise<Principal | undefined> {
    if (!isSecret('pb_live_', secret)) return undefined;
    const found: FoundReach[] = await this.keys.query(
      `SELECT key.id, key.user_id, membership.workspace_id, membership.role
         FROM access.api_keys key
         LEFT JOIN access.memberships membership ON membership.user_id = key.user_id
          AND (key.workspace_ids IS NULL OR membership.workspace_id = ANY (key.workspace_ids))
        WHERE key.sha256 = $1 AND key.revoked_at IS NULL`,
      [secretHash(secret)],
    );
    const [key] = found;
    return key && { keyId: key.id, userId: key.user_id, reach: new Map(found.flatMap(placeOf)) };
  }
}

/** A key, once for each workspace that it reaches; once without one when it reaches none. */
interface FoundReach {
  readonly id: string;
  readonly user_id: string;
  readonly workspace_id: WorkspaceId | null;
  readonly role: Role | null;
}

function placeOf({ workspace_id, role }: FoundReach): [WorkspaceId, Role][] {
  return workspace_id && role ? [[workspace_id, role]] : [];
}
