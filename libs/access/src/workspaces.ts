import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager } from 'typeorm';
import { Repository } from 'typeorm';
import type { WorkspaceId } from '@app/domain';
import { MembershipEntity } from './entities/membership.entity';
import { WorkspaceEntity } from './entities/workspace.entity';
import type { Role } from './permissions';

/** Workspaces and who belongs to them: mastered here. */
@Injectable()
export class Workspaces {
  constructor(
    @InjectRepository(WorkspaceEntity) private readonly workspaces: Repository<WorkspaceEntity>,
    @InjectRepository(MembershipEntity)
    private readonly memberships: Repository<MembershipEntity>,
  ) {}

  async create(id: WorkspaceId, name: string): Promise<void> {
    await this.workspaces.insert({ id, name });
  }

  /** Makes the user a member, or changes the role of one. */
  async admit(workspaceId: WorkspaceId, userId: string, role: Role): Promise<void> {
    await this.memberships.upsert({ workspaceId, userId, role }, ['workspaceId', 'userId']);
  }

  /** @param manager of a transaction in which the answer has to hold; without one it is of now */
  async exists(id: WorkspaceId, manager?: EntityManager): Promise<boolean> {
    const rows: unknown[] = await (manager ?? this.workspaces.manager).query(
      `SELECT 1 FROM access.workspaces WHERE id = $1 ${manager ? 'FOR KEY SHARE' : ''}`,
      [id],
    );
    return rows.length > 0;
  }

  /** Where a user is a member. */
  async of(userId: string): Promise<WorkspaceId[]> {
    const memberships = await this.memberships.findBy({ userId });
    return memberships.map(({ workspaceId }) => workspaceId);
  }
}
