import {
  accessEntities,
  ApiKeyEntity,
  ApiKeys,
  MembershipEntity,
  ServiceCredentialEntity,
  ServiceCredentials,
  WorkspaceEntity,
  Workspaces,
} from '@app/access';
import type { Settings } from '@app/config';
import { withDatabase } from '../with-database';

/** What an operator works on. */
export interface Access {
  readonly keys: ApiKeys;
  readonly services: ServiceCredentials;
  readonly workspaces: Workspaces;
}

/** Does something with access as the database has it, and lets go of the database afterwards. */
export function withAccess<T>(
  settings: Settings,
  work: (access: Access) => Promise<T>,
): Promise<T> {
  return withDatabase(settings, accessEntities, (dataSource) => {
    const memberships = dataSource.getRepository(MembershipEntity);
    return work({
      keys: new ApiKeys(dataSource.getRepository(ApiKeyEntity)),
      services: new ServiceCredentials(dataSource.getRepository(ServiceCredentialEntity)),
      workspaces: new Workspaces(dataSource.getRepository(WorkspaceEntity), memberships),
    });
  });
}
