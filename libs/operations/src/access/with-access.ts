import { DataSource } from 'typeorm';
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
import { dataSourceOptions } from '@app/persistence';
import { postgresProbe } from '@app/role';

/** What an operator works on. */
export interface Access {
  readonly keys: ApiKeys;
  readonly services: ServiceCredentials;
  readonly workspaces: Workspaces;
}

/** Does something with access as the database has it, and lets go of the database afterwards. */
export async function withAccess<T>(
  settings: Settings,
  work: (access: Access) => Promise<T>,
): Promise<T> {
  // When it is away or not migrated, this says in one line what to do.
  await postgresProbe(settings).check(settings.startTimeoutMs);
  const pool = { size: 2, timeoutMs: settings.startTimeoutMs };
  const dataSource = new DataSource(dataSourceOptions(settings.databaseUrl, pool, accessEntities));
  await dataSource.initialize();
  try {
    const memberships = dataSource.getRepository(MembershipEntity);
    return await work({
      keys: new ApiKeys(dataSource.getRepository(ApiKeyEntity)),
      services: new ServiceCredentials(dataSource.getRepository(ServiceCredentialEntity)),
      workspaces: new Workspaces(dataSource.getRepository(WorkspaceEntity), memberships),
    });
  } finally {
    await dataSource.destroy();
  }
}
