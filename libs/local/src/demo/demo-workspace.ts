import type { DataSource } from 'typeorm';
import { ulid } from 'ulid';
import {
  ApiKeyEntity,
  ApiKeys,
  MembershipEntity,
  ServiceCredentialEntity,
  ServiceCredentials,
  WorkspaceEntity,
  Workspaces,
} from '@app/access';
import { workspaceName } from './demo-accounts';

/** A workspace with an owner, and fresh credentials for this run. */
export interface DemoWorkspace {
  readonly workspaceId: string;
  readonly ownerId: string;
  /** The owner's `pb_live_` key. */
  readonly apiKey: string;
  /** A `pb_svc_` credential with the scope `connect`. */
  readonly serviceKey: string;
}

/** Finds the demo's workspace of an earlier run, or makes it; the keys are new each time. */
export async function openDemoWorkspace(dataSource: DataSource): Promise<DemoWorkspace> {
  const workspaceTable = dataSource.getRepository(WorkspaceEntity);
  const memberTable = dataSource.getRepository(MembershipEntity);
  const workspaces = new Workspaces(workspaceTable, memberTable);

  const known = await workspaceTable.findOneBy({ name: workspaceName });
  const workspaceId = known?.id ?? `ws_${ulid()}`;
  if (!known) await workspaces.create(workspaceId, workspaceName);
  const owner = await memberTable.findOneBy({ workspaceId, role: 'OWNER' });
  const ownerId = owner?.userId ?? `usr_${ulid()}`;
  await workspaces.admit(workspaceId, ownerId, 'OWNER');

  const apiKeys = new ApiKeys(dataSource.getRepository(ApiKeyEntity));
  const services = new ServiceCredentials(dataSource.getRepository(ServiceCredentialEntity));
  const { secret: apiKey } = await apiKeys.mint(ownerId, null);
  const { secret: serviceKey } = await services.mint('demo', ['connect']);
  return { workspaceId, ownerId, apiKey, serviceKey };
}
