export * from './receipt-key-file';
export * from './receipt-signer';
export * from './receipts.module';
export * from './verify-receipt';
