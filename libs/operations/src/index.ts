export * from './access/keys';
export * from './access/workspaces';
export * from './set-up';
export * from './vault/create-vault-keys';
export * from './vault/rotate-kek';
