import { randomUUID } from 'node:crypto';
import type { ChannelEvent, ChannelRow, Platform, Receipt } from '@app/domain';
import { platforms } from '@app/domain';
import type { EventStore } from '@app/event-store';
import { channelStream } from '@app/event-store';
import type { ChannelPage } from '@app/queries';
import type { Member, Members, RestAnswer, RoleProcess } from '@app/testing';
import { aContext, anAccount, membersOf, RestClient, useTestBed, waitFor } from '@app/testing';
import { untilThere } from '../support/until-there';

type Answer<T> = RestAnswer<T & { code?: string }>;

const pathOf = ({ id }: Pick<ChannelRow, 'id'>): string => `/api/v1/social-accounts/${id}`;

describe('The row of an account, through two processes of the public API', () => {
  const bed = useTestBed({ patient: true });
  let events: EventStore;
  let members: Members;
  let owner: Member;
  let apiUrls: readonly string[];
  let internal: RestClient;
  let projector: RoleProcess;

  beforeAll(async () => {
    events = await bed.eventStore();
    members = await membersOf(bed);
    const env = await bed.environment();
    const [first, second, internalRole, projectorRole] = await Promise.all([
      bed.startRole('api', env),
      bed.startRole('api', await bed.environment()),
      // Whoever looks at a listing waits for it: the wait of a connect may be too short on a busy machine.
      bed.startRole('internal', { ...env, READ_MODEL_WAIT_MS: '500' }),
      bed.startRole('projector', env),
    ]);
    apiUrls = [first.url, second.url];
    internal = new RestClient(internalRole.url, await members.mintService(['connect']));
    projector = projectorRole;
    owner = await members.admit();
  });

  /** A client for each of the two processes, with a key of its own. */
  const clients = async (): Promise<RestClient[]> =>
    Promise.all(
      apiUrls.map(async (url) => new RestClient(url, await members.mintKey(owner.userId, null))),
    );
  const connect = (account = anAccount()): Promise<Answer<ChannelRow>> => {
    const body = { ...account, workspaceId: owner.workspaceId, actor: owner.userId };
    const headers = { 'idempotency-key': randomUUID() };
    return untilThere(() => internal.post('/internal/v1/channels', { body, headers }));
  };
  const get = (client: RestClient, row: ChannelRow): Promise<Answer<ChannelRow>> =>
    client.get(pathOf(row));
  const listed = async (client: RestClient, row: ChannelRow): Promise<ChannelRow | undefined> => {
    const { body } = await client.get<ChannelPage>('/api/v1/social-accounts?limit=200');
    return body.data.find(({ id }) => id === row.id);
  };
  const untilListed = (client: RestClient, row: ChannelRow): Promise<ChannelRow> =>
    waitFor(() => listed(client, row), { what: `${row.id} in the listing`, everyMs: 200 });

  it.each(platforms)('has all 17 fields, and what was connected in them: %s', async (platform) => {
    const account = anAccount(everythingGiven(platform));
    const { status, body: row } = await connect(account);
    expect(status).toBe(201);
    const { externalId, handle, displayName, avatarUrl, scopes, tokenExpiresAt, meta } = account;
    const { defaultBoardId } = account;
    expect(row).toEqual({
      id: expect.stringMatching(/^soc_[0-7][0-9A-HJKMNP-TV-Z]{25}$/) as string,
      workspaceId: owner.workspaceId,
      ...{ platform, externalId, handle, displayName, avatarUrl, scopes, tokenExpiresAt },
      ...{ meta, defaultBoardId },
      status: 'ACTIVE',
      connectedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      lastRefreshedAt: null,
      lastRefreshAttemptAt: null,
      lastRefreshError: null,
      lastRefreshErrorStatus: null,
    });
    expect(Object.keys(row)).toHaveLength(17);
    const [one, two] = await clients();
    expect((await get(one!, row)).body).toEqual(row);
    expect(await untilListed(two!, row)).toEqual(row);
  });

  it('is listed while somebody must act on it: TOKEN_EXPIRED and REVOKED', async () => {
    const at = '2026-11-03T10:00:00.000Z';
    const { body: row } = await connect();
    const { workspaceId, platform } = row;
    const about = { channelId: row.id, workspaceId, platform };
    const [client] = await clients();
    // From here on a GET reads what the listing reads, and not the stream.
    await untilListed(client!, row);
    const after = async (
      event: ChannelEvent,
      { revision, status }: { revision: number; status: ChannelRow['status'] },
    ): Promise<ChannelRow> => {
      await events.append(channelStream(row.id), revision, [event], aContext());
      const seen = await waitFor(
        async () => {
          const { body } = await get(client!, row);
          return body.status === status && body;
        },
        { what: status, everyMs: 200 },
      );
      expect(await listed(client!, row)).toEqual(seen);
      return seen;
    };

    const failure = { attemptedAt: at, reason: 'invalid_grant', platformStatus: 400 };
    const expired = await after(
      { type: 'ChannelTokenRefreshFailed', data: { ...about, ...failure, permanent: true } },
      { revision: 0, status: 'TOKEN_EXPIRED' },
    );
    expect(expired).toEqual({
      ...row,
      status: 'TOKEN_EXPIRED',
      lastRefreshAttemptAt: at,
      lastRefreshError: 'invalid_grant',
      lastRefreshErrorStatus: 400,
    });
    const revoked = await after(
      { type: 'ChannelAccessRevoked', data: { ...about, revokedAt: at } },
      { revision: 1, status: 'REVOKED' },
    );
    expect(revoked).toEqual({ ...expired, status: 'REVOKED' });
  });

  it('ends once, and is the same in 50 answers to 50 DELETEs at the same time', async () => {
    const { body: row } = await connect();
    const both = await clients();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => both[index % 2]!.delete<ChannelRow>(pathOf(row))),
    );
    for (const { status, body } of answers) {
      expect([status, body]).toEqual([200, { ...row, status: 'DISCONNECTED' }]);
    }
    const recorded = await events.read(channelStream(row.id));
    expect(recorded.map(({ event }) => event.type)).toEqual([
      'ChannelConnected',
      'ChannelDisconnected',
    ]);
  });

  it('comes back under a new id, which a repeated DELETE of the old one leaves alone', async () => {
    const account = anAccount();
    const { body: old } = await connect(account);
    const [client] = await clients();
    await client!.delete(pathOf(old));
    const { status, body: back } = await connect(account);
    expect(status).toBe(201);
    expect(back.id).not.toBe(old.id);

    expect((await client!.delete(pathOf(old))).status).toBe(200);
    expect((await get(client!, back)).body).toEqual(back);
    expect((await get(client!, old)).body.status).toBe('DISCONNECTED');
  });

  describe('while the projector is stopped', () => {
    let projected: ChannelRow;

    beforeAll(async () => {
      projected = (await connect()).body;
      const [client] = await clients();
      await untilListed(client!, projected);
      await projector.stop();
    });

    it('is answered by connect as pending, and by GET from its stream until it is there', async () => {
      const { status, headers, body: row } = await connect();
      expect([status, headers.get('x-read-model')]).toEqual([201, 'pending']);
      for (const client of await clients()) {
        expect(await get(client, row)).toMatchObject({ status: 200, body: row });
      }
    });

    it.each([
      ['was projected before', () => Promise.resolve(projected)],
      ['never was', async () => (await connect()).body],
    ])('is nowhere connected once DELETE has answered, when it %s', async (_, given) => {
      const row = await given();
      const [one, two] = await clients();
      const ended = { ...row, status: 'DISCONNECTED' };
      const preview = `${pathOf(row)}/disconnect-preview`;
      const receipt = `${pathOf(row)}/disconnection`;
      expect((await one!.get(preview)).status).toBe(200);
      expect(await one!.delete(pathOf(row))).toMatchObject({ status: 200, body: ended });

      expect((await get(two!, row)).body).toEqual(ended);
      expect(await listed(two!, row)).toBeUndefined();
      expect(await two!.get(preview)).toMatchObject({
        status: 409,
        body: { code: 'ALREADY_DISCONNECTED' },
      });
      const told = await two!.get<Receipt>(receipt);
      expect([told.status, told.body.status]).toEqual([200, 'PENDING']);
      expect(await two!.delete(pathOf(row))).toMatchObject({ status: 200, body: ended });
    });
  });
});

/** An account of that platform with every field that a platform may give. */
function everythingGiven(platform: Platform) {
  return {
    platform,
    handle: `@${platform.toLowerCase()}`,
    avatarUrl: 'https://cdn.example.com/brand.png',
    scopes: ['read', 'publish'],
    tokenExpiresAt: '2027-01-01T00:00:00.000Z',
    meta: { premium: true, nested: { answer: 42 } },
    defaultBoardId: platform === 'PINTEREST' ? 'board-1' : null,
  };
}
