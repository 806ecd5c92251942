import { Module } from '@nestjs/common';
import { Grants } from './grants';
import { IdempotencyKeys } from './idempotency-keys';
import { Registrar } from './registrar';
import { Registry } from './registry';

@Module({
  providers: [Registry, Grants, IdempotencyKeys, Registrar],
  exports: [Registry, Grants, IdempotencyKeys, Registrar],
})
export class RegistryModule {}
