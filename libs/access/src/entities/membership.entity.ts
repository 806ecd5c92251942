import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import type { Relation } from 'typeorm';
import type { Role } from '../permissions';
import { WorkspaceEntity } from './workspace.entity';

@Entity({ schema: 'access', name: 'memberships' })
@Check('memberships_role', `role IN ('OWNER', 'ADMIN', 'EDITOR', 'CLIENT_REVIEWER')`)
export class MembershipEntity {
  @PrimaryColumn('text', { name: 'workspace_id', primaryKeyConstraintName: 'memberships_pk' })
  workspaceId!: string;

  @ManyToOne(() => WorkspaceEntity)
  @JoinColumn({ name: 'workspace_id', foreignKeyConstraintName: 'memberships_workspace_fk' })
  workspace?: Relation<WorkspaceEntity>;

  @Index('memberships_user')
  @PrimaryColumn('text', { name: 'user_id', primaryKeyConstraintName: 'memberships_pk' })
  userId!: string;

  @Column('text')
  role!: Role;
}
