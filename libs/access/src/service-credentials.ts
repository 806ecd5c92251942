import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Repository } from 'typeorm';
import { ulid } from 'ulid';
import type { MintedCredential } from './credentials';
import { isSecret, mintSecret, secretHash } from './credentials';
import { ServiceCredentialEntity } from './entities/service-credential.entity';
import type { ServicePrincipal, ServiceScope } from './permissions';

/** The credentials of other services. */
@Injectable()
export class ServiceCredentials {
  constructor(
    @InjectRepository(ServiceCredentialEntity)
    private readonly credentials: Repository<ServiceCredentialEntity>,
  ) {}

  /** Makes a credential with these scopes. */
  async mint(name: string, scopes: readonly ServiceScope[]): Promise<MintedCredential> {
    const { secret, prefix } = mintSecret('pb_svc_');
    const id = `svc_${ulid()}`;
    await this.credentials.insert({
      id,
      name,
      prefix,
      sha256: secretHash(secret),
      scopes: [...scopes],
    });
    return { id, secret, prefix };
  }

  /** Every credential, the oldest first, revoked ones included. */
  async list(): Promise<ServiceCredentialEntity[]> {
    return this.credentials.find({ order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /**
   * From now on the credential opens nothing, in any process. A repeat changes nothing.
   *
   * @returns whether there is such a credential
   */
  async revoke(id: string): Promise<boolean> {
    await this.credentials.update(
      { id, revokedAt: IsNull() },
      { revokedAt: () => 'clock_timestamp()' },
    );
    return this.credentials.existsBy({ id });
  }

  /** Which service a credential speaks for; asked anew for each request. */
  async authenticate(secret: string): Promise<ServicePrincipal | undefined> {
    if (!isSecret('pb_svc_', secret)) return undefined;
    const found = await this.credentials.findOneBy({
      sha256: secretHash(secret),
      revokedAt: IsNull(),
    });
    return found ? { credentialId: found.id, name: found.name, scopes: found.scopes } : undefined;
  }
}
