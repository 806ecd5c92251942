import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ApiKeys } from './api-keys';
import { ApiKeyEntity } from './entities/api-key.entity';
import { MembershipEntity } from './entities/membership.entity';
import { ServiceCredentialEntity } from './entities/service-credential.entity';
import { WorkspaceEntity } from './entities/workspace.entity';
import { RateLimits } from './rate-limits';
import { ServiceCredentials } from './service-credentials';
import { Workspaces } from './workspaces';

/** The tables that this room owns, for the data source and the drift check. */
export const accessEntities = [
  WorkspaceEntity,
  MembershipEntity,
  ApiKeyEntity,
  ServiceCredentialEntity,
];

@Module({
  imports: [TypeOrmModule.forFeature(accessEntities)],
  providers: [ApiKeys, RateLimits, ServiceCredentials, Workspaces],
  exports: [ApiKeys, RateLimits, ServiceCredentials, Workspaces],
})
export class AccessModule {}
