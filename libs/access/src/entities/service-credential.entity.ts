import { Column, CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm';
import type { ServiceScope } from '../permissions';

@Entity({ schema: 'access', name: 'service_credentials' })
export class ServiceCredentialEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'service_credentials_pk' })
  id!: string;

  @Column('text')
  name!: string;

  @Column('text')
  prefix!: string;

  @Index('service_credentials_sha256', { unique: true })
  @Column('bytea')
  sha256!: Buffer;

  @Column('text', { array: true })
  scopes!: ServiceScope[];

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt!: Date | null;
}
