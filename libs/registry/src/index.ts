export * from './grants';
export * from './idempotency-keys';
export * from './known-history';
export * from './registrar';
export * from './registry';
export * from './registry.module';
