export * from './access/keys';
export * from './access/workspaces';
export * from './effects/parked';
export * from './set-up';
export * from './vault/create-vault-keys';
export * from './vault/rotate-kek';
export * from './receipts/receipt-keys';
export * from './receipts/verify-receipt-file';
