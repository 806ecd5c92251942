import { NestFactory } from '@nestjs/core';
import type { Role as MemberRole, ServiceScope } from '@app/access';
import { AccessModule, ApiKeys, ServiceCredentials, Workspaces } from '@app/access';
import type { Settings } from '@app/config';
import { ConfigModule } from '@app/config';
import { PersistenceModule } from '@app/persistence';
import { aUserId, aWorkspaceId } from './builders';
import type { TestBed } from './test-bed';

/** A user of a workspace, with a key that speaks for them. */
export interface Member {
  readonly userId: string;
  readonly workspaceId: string;
  readonly role: MemberRole;
  /** `pb_live_…` */
  readonly key: string;
}

/** Makes workspaces, members and credentials the way that production does. */
export interface Members {
  readonly apiKeys: ApiKeys;
  readonly serviceCredentials: ServiceCredentials;
  readonly workspaces: Workspaces;
  /** A member with a full-access key; of a fresh workspace and a fresh user unless given. */
  admit(member?: Partial<Omit<Member, 'key'>>): Promise<Member>;
  /** One more key of a user; null for full access. */
  mintKey(userId: string, workspaceIds: readonly string[] | null): Promise<string>;
  /** A `pb_svc_…` credential of a service. */
  mintService(scopes: readonly ServiceScope[]): Promise<string>;
}

/** Closed with the bed. */
export async function membersOf(bed: TestBed): Promise<Members> {
  // It is compiled first, on a machine that may be busy; and a failure is the test's, not its process's end.
  const settings = await bed.settings('ops', { STORE_TIMEOUT_MS: '20000' });
  const options = { logger: false, abortOnError: false } as const;
  const app = await NestFactory.createApplicationContext(accessAlone(settings), options);
  bed.atEnd(() => app.close());
  const workspaces = app.get(Workspaces, { strict: false });
  const apiKeys = app.get(ApiKeys, { strict: false });
  const serviceCredentials = app.get(ServiceCredentials, { strict: false });
  const mintKey: Members['mintKey'] = async (userId, workspaceIds) =>
    (await apiKeys.mint(userId, workspaceIds)).secret;
  return {
    apiKeys,
    serviceCredentials,
    workspaces,
    mintKey,
    mintService: async (scopes) => (await serviceCredentials.mint('a test', scopes)).secret,
    admit: async ({ userId = aUserId(), workspaceId, role = 'OWNER' } = {}) => {
      const id = workspaceId ?? aWorkspaceId();
      if (workspaceId === undefined) await workspaces.create(id, 'A workspace');
      await workspaces.admit(id, userId, role);
      return { userId, workspaceId: id, role, key: await mintKey(userId, null) };
    },
  };
}

class AccessAlone {}

function accessAlone(settings: Settings) {
  return {
    module: AccessAlone,
    imports: [ConfigModule.forRoot(settings), PersistenceModule.forRoot(), AccessModule],
  };
}
