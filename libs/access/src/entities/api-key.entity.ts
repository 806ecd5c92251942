import { Column, CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'access', name: 'api_keys' })
export class ApiKeyEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'api_keys_pk' })
  id!: string;

  @Column('text', { name: 'user_id' })
  userId!: string;

  @Column('text')
  prefix!: string;

  @Index('api_keys_sha256', { unique: true })
  @Column('bytea')
  sha256!: Buffer;

  /** The allow-list of a scoped key; null: every workspace that the user is a member of. */
  @Column('text', {
    name: 'workspace_ids',
    array: true,
    nullable: true,
    comment: 'the allow-list of a scoped key; NULL: full access',
  })
  workspaceIds!: string[] | null;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt!: Date | null;
}
