export * from './envelope';
export * from './keyring';
export * from './token-sealer';
export * from './token-vault';
export * from './token-vault.module';
