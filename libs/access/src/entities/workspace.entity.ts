import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'access', name: 'workspaces' })
export class WorkspaceEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'workspaces_pk' })
  id!: string;

  @Column('text')
  name!: string;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;
}
