import { Module } from '@nestjs/common';
import { EventStoreModule } from '@app/event-store';
import { CheckpointStore } from '@app/persistence';
import { Grants } from './grants';
import { IdempotencyKeys } from './idempotency-keys';
import { KnownHistory } from './known-history';
import { Registrar } from './registrar';
import { Registry } from './registry';

@Module({
  imports: [EventStoreModule],
  providers: [CheckpointStore, Registry, Grants, IdempotencyKeys, KnownHistory, Registrar],
  exports: [Registry, Grants, IdempotencyKeys, KnownHistory, Registrar],
})
export class RegistryModule {}
