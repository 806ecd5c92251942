import { Module } from '@nestjs/common';
import { Settings } from '@app/config';
import { KekProvider } from './kek-provider';
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
    StoredTokens,
    TokenLeases,
    TokenSealer,
  ],
  exports: [Keyring, KekProvider, StoredTokens, TokenLeases, TokenSealer],
})
export class TokenSealingModule {}
