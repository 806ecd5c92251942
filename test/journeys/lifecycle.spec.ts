import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { ulid } from 'ulid';
import type { ChannelEvent, ChannelRow, ChannelStatus, Receipt } from '@app/domain';
import type { EventStore } from '@app/event-store';
import { channelStream } from '@app/event-store';
import type { Member, RestAnswer } from '@app/testing';
import {
  aContext,
  anAccount,
  aChannelId,
  connected,
  membersOf,
  reauthorized,
  RestClient,
  useTestBed,
  waitFor,
} from '@app/testing';

type Answer = RestAnswer<ChannelRow & { code?: string; path?: string }>;

/** The body of a reauthorization: what the login flow hands over, and nothing of the account. */
function aGrant(overrides: object = {}) {
  const { tokens, grantedAt, grantSubject, actor } = anAccount();
  const tokenExpiresAt = '2027-01-24T10:00:00.000Z';
  return { scopes: ['new'], tokens, tokenExpiresAt, grantedAt, grantSubject, actor, ...overrides };
}

describe("A channel's life between connect and disconnect", () => {
  const bed = useTestBed({ patient: true });
  let dataSource: DataSource;
  let events: EventStore;
  let owner: Member;
  let api: RestClient;
  let internal: RestClient;
  let connecting: RestClient;

  beforeAll(async () => {
    dataSource = await bed.dataSource();
    events = await bed.eventStore();
    const members = await membersOf(bed);
    await bed.createTopics();
    const env = await bed.environment();
    const [apiRole, internalRole] = await Promise.all([
      bed.startRole('api', env),
      bed.startRole('internal', env),
      bed.startRole('projector', env),
      bed.startRole('relay', env),
      bed.startRole('subscribers', env),
    ]);
    owner = await members.admit();
    api = new RestClient(apiRole.url, owner.key);
    const both = await members.mintService(['connect', 'refresh']);
    internal = new RestClient(internalRole.url, both);
    connecting = new RestClient(internalRole.url, await members.mintService(['connect']));
  });

  const post = (path: string, body?: unknown, client = internal): Promise<Answer> =>
    client.post(`/internal/v1/channels${path}`, {
      body,
      headers: { 'idempotency-key': randomUUID() },
    });
  const reauthorize = (id: string, body: unknown = aGrant()) =>
    post(`/${id}/reauthorization`, body);
  const reportRevoked = (id: string, body?: unknown) => post(`/${id}/access-revocations`, body);

  async function connect(account: object = {}): Promise<ChannelRow> {
    const { workspaceId, userId: actor } = owner;
    const { status, body } = await post('', anAccount({ ...account, workspaceId, actor }));
    expect(status).toBe(201);
    return body;
  }

  /** Reports that the platform will never refresh these tokens again. */
  const expire = ({ id }: ChannelRow) =>
    post(`/${id}/token-refreshes`, {
      platformStatus: 400,
      code: 'invalid_grant',
      reason: 'The refresh token has expired; access_token=do-not-keep',
      permanent: true,
    });

  const eventsOf = async ({ id }: ChannelRow): Promise<ChannelEvent[]> =>
    (await events.read(channelStream(id))).map(({ event }) => event as ChannelEvent);
  const typesOf = async (row: ChannelRow): Promise<string[]> =>
    (await eventsOf(row)).map(({ type }) => type);
  const read = async ({ id }: ChannelRow): Promise<ChannelRow> =>
    (await api.get<ChannelRow>(`/api/v1/social-accounts/${id}`)).body;
  const shownAs = (row: ChannelRow, status: ChannelStatus): Promise<unknown> =>
    waitFor(async () => (await read(row)).status === status, { what: `${row.id} as ${status}` });
  const vaultRow = async ({ id }: ChannelRow): Promise<object> => {
    const rows: object[] = await dataSource.query(
      `SELECT version, pending_event, wiped_at FROM vault.tokens WHERE channel_id = $1`,
      [id],
    );
    return rows[0]!;
  };
  const grantOf = async ({ id }: ChannelRow): Promise<string> => {
    const rows: { grant_ref: string }[] = await dataSource.query(
      'SELECT grant_ref FROM registry.channels WHERE id = $1',
      [id],
    );
    return rows[0]!.grant_ref;
  };

  describe('reported as withdrawn by the platform', () => {
    it('is REVOKED, and stays listed: somebody must act on it', async () => {
      const row = await connect();
      const { status, body } = await reportRevoked(row.id);
      expect([status, body]).toEqual([200, { ...row, status: 'REVOKED' }]);

      await shownAs(row, 'REVOKED');
      const listed = await api.get<{ data: ChannelRow[] }>('/api/v1/social-accounts');
      expect(listed.body.data.find(({ id }) => id === row.id)).toEqual(body);
      expect(await read(row)).toEqual(body);
    });

    it('is not recorded twice: a repeat answers the same row', async () => {
      const row = await connect();
      const answers: Answer[] = await Promise.all(
        Array.from({ length: 8 }, () => reportRevoked(row.id)),
      );
      answers.push(await reportRevoked(row.id, {}));
      for (const { status, body } of answers) {
        expect([status, body]).toEqual([200, { ...row, status: 'REVOKED' }]);
      }
      expect(await typesOf(row)).toEqual(['ChannelConnected', 'ChannelAccessRevoked']);
    });

    it('comes after a reauthorization that had only reached the vault', async () => {
      const row = await connect();
      const { id: channelId, workspaceId, platform } = row;
      const pending = {
        event: reauthorized(connected({ channelId, workspaceId, platform })),
        context: aContext(),
      };
      await dataSource.query('UPDATE vault.tokens SET pending_event = $2 WHERE channel_id = $1', [
        channelId,
        pending,
      ]);
      expect((await reportRevoked(row.id)).body.status).toBe('REVOKED');
      expect(await typesOf(row)).toEqual([
        'ChannelConnected',
        'ChannelReauthorized',
        'ChannelAccessRevoked',
      ]);
    });
  });

  describe('reauthorized', () => {
    it.each<[ChannelStatus, (row: ChannelRow) => Promise<unknown>]>([
      ['ACTIVE', () => Promise.resolve()],
      ['REVOKED', ({ id }) => reportRevoked(id)],
      ['TOKEN_EXPIRED', (row) => expire(row)],
    ])('is ACTIVE again under the same id after it was %s', async (before, happen) => {
      const row = await connect();
      await happen(row);
      await shownAs(row, before);
      const grant = aGrant();
      const { status, body } = await reauthorize(row.id, grant);

      expect(status).toBe(200);
      expect(body).toMatchObject({
        ...row,
        scopes: ['new'],
        tokenExpiresAt: grant.tokenExpiresAt,
        lastRefreshAttemptAt: body.lastRefreshAttemptAt,
      });
      await waitFor(async () => (await read(row)).scopes[0] === 'new', { what: 'the new scopes' });
      expect(await read(row)).toEqual(body);
      const recorded = JSON.stringify(await eventsOf(row));
      expect((await typesOf(row)).at(-1)).toBe('ChannelReauthorized');
      for (const unsaid of [
        grant.tokens.accessToken,
        grant.tokens.refreshToken,
        grant.grantSubject,
      ]) {
        expect(recorded).not.toContain(unsaid);
      }
      expect(await vaultRow(row)).toEqual({ version: 2, pending_event: null, wiped_at: null });
    });

    it('belongs to the grant that it came with, at once', async () => {
      const shared = `subject-${ulid()}`;
      const other = await connect({ grantSubject: shared });
      const row = await connect();
      expect(await grantOf(row)).not.toBe(await grantOf(other));
      await reauthorize(row.id, aGrant({ grantSubject: shared }));
      expect(await grantOf(row)).toBe(await grantOf(other));
    });

    it('by several at the same time is one after the other, each with tokens of its own', async () => {
      const row = await connect();
      const answers = await Promise.all(Array.from({ length: 4 }, () => reauthorize(row.id)));
      const done = answers.filter(({ status }) => status === 200);
      const refused = answers.filter(({ status }) => status !== 200);
      for (const { status, body } of refused) {
        expect([status, body.code]).toEqual([409, 'TOKEN_VERSION_MISMATCH']);
      }
      expect(done.length).toBeGreaterThan(0);
      const types = await typesOf(row);
      expect(types.filter((type) => type === 'ChannelReauthorized')).toHaveLength(done.length);
      expect(await vaultRow(row)).toMatchObject({ pending_event: null });
    });

    it('is refused once it is disconnected, and its tombstone stays', async () => {
      const row = await connect();
      await api.delete(`/api/v1/social-accounts/${row.id}`);
      for (const call of [() => reauthorize(row.id), () => reportRevoked(row.id)]) {
        const { status, body } = await call();
        expect([status, body.code]).toEqual([409, 'CHANNEL_DISCONNECTED']);
      }
      expect(await typesOf(row)).toEqual(['ChannelConnected', 'ChannelDisconnected']);
    });
  });

  it('answers for what is not there, not whole, or not allowed', async () => {
    const row = await connect();
    const codes = async (answer: Promise<Answer>): Promise<unknown[]> => {
      const { status, body } = await answer;
      return [status, body.code];
    };
    for (const call of [reauthorize, (id: string) => reportRevoked(id)]) {
      expect(await codes(call(aChannelId()))).toEqual([404, 'CHANNEL_NOT_FOUND']);
      expect(await codes(call('soc_1'))).toEqual([400, 'MALFORMED_ID']);
    }
    const wrong = [
      aGrant({ actor: 'Jane Doe' }),
      aGrant({ surplus: 1 }),
      aGrant({ scopes: ['a\u0000b'] }),
      aGrant({ tokens: {} }),
    ];
    for (const body of wrong) {
      expect(await codes(reauthorize(row.id, body))).toEqual([400, 'VALIDATION_FAILED']);
    }
    const withoutScope = post(`/${row.id}/access-revocations`, undefined, connecting);
    expect(await codes(withoutScope)).toEqual([403, 'SCOPE_MISSING']);
    expect(await typesOf(row)).toEqual(['ChannelConnected']);
  });

  it.each<[ChannelStatus, (row: ChannelRow) => Promise<unknown>]>([
    ['REVOKED', ({ id }) => reportRevoked(id)],
    ['TOKEN_EXPIRED', (row) => expire(row)],
    ['ACTIVE', ({ id }) => reauthorize(id)],
  ])('ends by DELETE also when it was %s, completely', async (before, happen) => {
    const row = await connect();
    await happen(row);
    await shownAs(row, before);
    const last = await waitFor(async () => (await typesOf(row)).length === 2 && (await read(row)), {
      what: 'the row',
    });
    const { status, body } = await api.delete<ChannelRow>(`/api/v1/social-accounts/${row.id}`);
    expect(status).toBe(200);
    expect(body.status).toBe('DISCONNECTED');
    expect(body.lastRefreshError).toBe(last.lastRefreshError);
    expect(body.lastRefreshError ?? '').not.toContain('do-not-keep');

    await waitFor(
      async () => {
        const path = `/api/v1/social-accounts/${row.id}/disconnection`;
        return (await api.get<Receipt>(path)).body.status === 'COMPLETED';
      },
      { what: 'the completed receipt' },
    );
    expect(await vaultRow(row)).toMatchObject({ wiped_at: expect.any(Date) as unknown });
    // The consumers have met every message before that one, and know them all.
    expect(await dataSource.query('SELECT reason FROM effects.skipped')).toEqual([]);
  });
});
