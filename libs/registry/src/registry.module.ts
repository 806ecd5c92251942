import { Module } from '@nestjs/common';
import { IdempotencyKeys } from './idempotency-keys';
import { Registrar } from './registrar';
import { Registry } from './registry';

@Module({
  providers: [Registry, IdempotencyKeys, Registrar],
  exports: [Registry, IdempotencyKeys, Registrar],
})
export class RegistryModule {}
