import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { ChannelRow } from '@app/domain';
import type { EventStore } from '@app/event-store';
import type { DisconnectPreview } from '@app/queries';
import type { Member, Members, RoleProcess } from '@app/testing';
import { anAccount, membersOf, RestClient, useTestBed } from '@app/testing';
import { addContent, addTarget } from '../support/content';
import { standOfStores } from '../support/stores';

describe('The preview of a disconnect', () => {
  const bed = useTestBed({ patient: true });
  let dataSource: DataSource;
  let events: EventStore;
  let members: Members;
  let owner: Member;
  let apiUrl: string;
  let internalRole: RoleProcess;
  let internal: RestClient;

  beforeAll(async () => {
    dataSource = await bed.dataSource();
    events = await bed.eventStore();
    members = await membersOf(bed);
    await bed.createTopics();
    const env = await bed.environment({ READ_MODEL_WAIT_MS: '0' });
    const [apiRole, started] = await Promise.all([
      bed.startRole('api', env),
      bed.startRole('internal', env),
    ]);
    apiUrl = apiRole.url;
    internalRole = started;
    internal = new RestClient(started.url, await members.mintService(['connect']));
    owner = await members.admit();
  });

  async function connect(workspaceId: string, account = anAccount()): Promise<ChannelRow> {
    const { status, body } = await internal.post<ChannelRow>('/internal/v1/channels', {
      body: { ...account, workspaceId },
      headers: { 'idempotency-key': randomUUID() },
    });
    expect(status).toBe(201);
    return body;
  }

  const previewOf = ({ id }: ChannelRow, { key }: Member = owner) =>
    new RestClient(apiUrl, key).get<DisconnectPreview & { code?: string }>(
      `/api/v1/social-accounts/${id}/disconnect-preview`,
    );

  it('counts what would be cancelled and deleted, and names the next five posts', async () => {
    const row = await connect(owner.workspaceId);
    const other = await connect(owner.workspaceId);
    for (const channel of [row, other]) {
      await addContent(dataSource, channel, {
        snapshots: 4,
        comments: 3,
        scheduled: 1,
        published: 2,
      });
    }
    const day = (n: number): string => `2027-01-0${n}T09:00:00.000Z`;
    const at = (n: number) => ({ status: 'SCHEDULED', scheduledFor: day(n) });
    const posts = new Map<number, string>();
    for (const n of [6, 3, 5, 1, 4]) posts.set(n, await addTarget(dataSource, row, at(n)));
    const awaited = { status: 'NEEDS_APPROVAL', scheduledFor: day(2) };
    posts.set(2, await addTarget(dataSource, row, awaited));
    for (const status of ['PUBLISHING', 'DRAFT', 'FAILED', 'CANCELED']) {
      await addTarget(dataSource, row, { status, scheduledFor: day(1) });
    }

    const { status, body } = await previewOf(row);
    expect([status, body]).toEqual([
      200,
      {
        accountId: row.id,
        workspaceId: owner.workspaceId,
        platform: 'INSTAGRAM',
        targets: {
          toCancel: 7,
          publishingNow: 1,
          next: [1, 2, 3, 4, 5].map((n) => ({ postId: posts.get(n), scheduledFor: day(n) })),
        },
        cached: { analyticsSnapshots: 4, comments: 3 },
        grant: { revocable: false, sharedWith: 0, willRevoke: false },
        asOf: new Date(body.asOf).toISOString(),
      },
    ]);
    expect(Math.abs(Date.parse(body.asOf) - Date.now())).toBeLessThan(60_000);
  });

  it('is all zeros for an account without content', async () => {
    const { body } = await previewOf(await connect(owner.workspaceId));
    expect(body.targets).toEqual({ toCancel: 0, publishingNow: 0, next: [] });
    expect(body.cached).toEqual({ analyticsSnapshots: 0, comments: 0 });
  });

  it('counts who shares the grant, in workspaces in reach, while they are connected', async () => {
    const elsewhere = await members.admit({ userId: owner.userId, role: 'CLIENT_REVIEWER' });
    const stranger = await members.admit();
    const { grantSubject } = anAccount();
    const onGrant = (workspaceId: string, platform: ChannelRow['platform'] = 'FACEBOOK_PAGE') =>
      connect(workspaceId, anAccount({ grantSubject, platform }));
    const row = await onGrant(owner.workspaceId);
    const page = await onGrant(owner.workspaceId);
    await onGrant(elsewhere.workspaceId, 'INSTAGRAM');
    await onGrant(stranger.workspaceId);
    // The same name at another provider is another grant.
    await onGrant(owner.workspaceId, 'X');

    const shared = async (): Promise<number> => (await previewOf(row)).body.grant.sharedWith;
    expect(await shared()).toBe(2);
    await new RestClient(apiUrl, owner.key).delete(`/api/v1/social-accounts/${page.id}`);
    expect(await shared()).toBe(1);
  });

  it('is for any member, and for nobody else', async () => {
    const { workspaceId } = owner;
    const row = await connect(workspaceId);
    for (const role of ['ADMIN', 'EDITOR', 'CLIENT_REVIEWER'] as const) {
      expect((await previewOf(row, await members.admit({ workspaceId, role }))).status).toBe(200);
    }
    const { status, body } = await previewOf(row, await members.admit());
    expect([status, body.code]).toEqual([404, 'CHANNEL_NOT_FOUND']);
  });

  it('is no more once the account is disconnected', async () => {
    const row = await connect(owner.workspaceId);
    await new RestClient(apiUrl, owner.key).delete(`/api/v1/social-accounts/${row.id}`);
    const { status, body } = await previewOf(row);
    expect([status, body.code]).toEqual([409, 'ALREADY_DISCONNECTED']);
  });

  it('writes nothing, in no store', async () => {
    const row = await connect(owner.workspaceId);
    await addContent(dataSource, row, { snapshots: 5, comments: 5, scheduled: 5, published: 5 });
    // Alone with the API: what else writes is not what is looked at here.
    await internalRole.stop();

    const before = await standOfStores(bed, { dataSource, events });
    for (let n = 0; n < 10; n++) expect((await previewOf(row)).status).toBe(200);
    expect(await standOfStores(bed, { dataSource, events })).toEqual(before);

    // The comparison does see what a disconnect writes.
    await new RestClient(apiUrl, owner.key).delete(`/api/v1/social-accounts/${row.id}`);
    expect(await standOfStores(bed, { dataSource, events })).not.toEqual(before);
  });
});
