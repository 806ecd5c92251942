import { Module } from '@nestjs/common';
import { Settings } from '@app/config';
import { EventStoreModule } from '@app/event-store';
import { CheckpointStore } from '@app/persistence';
import { RegistryModule } from '@app/registry';
import { RevocationCopiesModule } from '@app/token-vault';
import { CaughtUpRegistry } from './caught-up-registry';
import { GrantRevoker } from './grant-revoker';
import { GrantPlatforms } from './platforms/grant-platforms';
import { readRevocationFile } from './revocation-file';
import { RevocationRequest } from './revocation-request';
import { RevocationSweep } from './revocation-sweep';

function grantPlatforms(settings: Settings): GrantPlatforms {
  const { revokedGrants: listed, revocationFile, revocationTimeoutMs } = settings;
  const allowLoopback = process.env['NODE_ENV'] === 'test';
  const configured =
    listed.length > 0 ? readRevocationFile(revocationFile, { listed, allowLoopback }) : new Map();
  return new GrantPlatforms(configured, revocationTimeoutMs);
}

/** Withdrawing grants on their platforms; without REVOKED_GRANTS it only ends what was begun. */
@Module({
  imports: [EventStoreModule, RegistryModule, RevocationCopiesModule],
  providers: [
    { provide: GrantPlatforms, inject: [Settings], useFactory: grantPlatforms },
    CheckpointStore,
    CaughtUpRegistry,
    GrantRevoker,
    RevocationRequest,
    RevocationSweep,
  ],
  exports: [GrantRevoker, RevocationRequest, RevocationSweep],
})
export class GrantRevocationModule {}
