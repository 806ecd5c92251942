import { Module } from '@nestjs/common';
import { Settings } from '@app/config';
import { CopyKeys } from './copy-keys';
import { KekProvider } from './kek-provider';
import { KekRewrapping } from './kek-rewrapping';
import { KekRotation } from './kek-rotation';
import { Keyring } from './keyring';
import { RevocationCopies } from './revocation-copies';
import { StoredTokens } from './stored-tokens';
import { TokenLeases } from './token-leases';
import { TokenSealer } from './token-sealer';
import { TokenVault } from './token-vault';

/** For the processes that only wipe: no key reaches them. */
@Module({ providers: [TokenVault], exports: [TokenVault] })
export class TokenVaultModule {}

/**
 * For the processes that wipe, and withdraw grants where that is configured: only then do the vault's
 * keys reach them, to keep one token of a channel for an hour at most.
 */
@Module({
  providers: [
    {
      provide: RevocationCopies,
      inject: [Settings],
      useFactory: ({ revokedGrants, vaultKeyFile, revocationKeysDir }: Settings) =>
        new RevocationCopies(
          revokedGrants.length > 0 ? new StoredTokens(Keyring.fromFile(vaultKeyFile)) : undefined,
          // Also when the list was emptied since: what is still there must go.
          revocationKeysDir ? CopyKeys.in(revocationKeysDir) : undefined,
        ),
    },
  ],
  exports: [RevocationCopies],
})
export class RevocationCopiesModule {}

/** For the internal API alone: holds the keys. */
@Module({
  providers: [
    {
      provide: Keyring,
      inject: [Settings],
      useFactory: (settings: Settings) => Keyring.fromFile(settings.vaultKeyFile),
    },
    { provide: KekProvider, useExisting: Keyring },
    KekRewrapping,
    KekRotation,
    StoredTokens,
    TokenLeases,
    TokenSealer,
  ],
  exports: [Keyring, KekProvider, KekRotation, StoredTokens, TokenLeases, TokenSealer],
})
export class TokenSealingModule {}
