import { Module } from '@nestjs/common';
import { Settings } from '@app/config';
import { KekProvider } from './kek-provider';
import { KekRewrapping } from './kek-rewrapping';
import { KekRotation } from './kek-rotation';
import { Keyring } from './keyring';
import { StoredTokens } from './stored-tokens';
import { TokenLeases } from './token-leases';
import { TokenSealer } from './token-sealer';
import { TokenVault } from './token-vault';

/** For the processes that only wipe: no key reaches them. */
@Module({ providers: [TokenVault], exports: [TokenVault] })
export class TokenVaultModule {}

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
