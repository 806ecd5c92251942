import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { ulid } from 'ulid';
import type { ChannelRow } from '@app/domain';
import type { EventStore } from '@app/event-store';
import { channelStream } from '@app/event-store';
import type { Members, RestAnswer } from '@app/testing';
import { anAccount, aWorkspaceId, membersOf, RestClient, useTestBed } from '@app/testing';

type Connected = RestAnswer<ChannelRow & { accountId?: string; code?: string; path?: string }>;

describe('Connecting an account through the internal API', () => {
  const bed = useTestBed({ patient: true });
  let members: Members;
  let dataSource: DataSource;
  let events: EventStore;
  /** Two processes of the same role. */
  let clients: readonly RestClient[];
  let url: string;
  let secret: string;

  beforeAll(async () => {
    members = await membersOf(bed);
    dataSource = await bed.dataSource();
    events = await bed.eventStore();
    secret = await members.mintService(['connect']);
    const first = await bed.startRole(
      'internal',
      await bed.environment({ READ_MODEL_WAIT_MS: '10000' }),
    );
    const second = await bed.startRole(
      'internal',
      await bed.environment({ READ_MODEL_WAIT_MS: '0' }),
    );
    await bed.startRole('projector', await bed.environment());
    url = first.url;
    clients = [first, second].map(({ url }) => new RestClient(url, secret));
  });

  const connect = (
    account: object,
    { key = randomUUID(), client = clients[0]! } = {},
  ): Promise<Connected> =>
    client.post('/internal/v1/channels', { body: account, headers: { 'idempotency-key': key } });

  it('gives one 201 and 49 409 to 50 connects of one account through two processes', async () => {
    const account = anAccount();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => connect(account, { client: clients[index % 2] })),
    );

    const created = answers.filter(({ status }) => status === 201);
    const refused = answers.filter(({ status }) => status === 409);
    expect([created.length, refused.length]).toEqual([1, 49]);
    const { id } = created[0]!.body;
    for (const { body } of refused) {
      expect(body).toMatchObject({ code: 'ACCOUNT_ALREADY_CONNECTED', accountId: id });
    }

    const recorded = await events.read(channelStream(id));
    expect(recorded.map(({ event }) => event.type)).toEqual(['ChannelConnected']);
    const claims: unknown = await dataSource.query(
      'SELECT id, state FROM registry.channels WHERE external_id = $1',
      [account.externalId],
    );
    expect(claims).toEqual([{ id, state: 'live' }]);
    const sealed: unknown = await dataSource.query(
      `SELECT channel_id FROM vault.tokens WHERE workspace_id = $1`,
      [account.workspaceId],
    );
    expect(sealed).toEqual([{ channel_id: id }]);
  });

  it('answers the same to the same key, from whichever process, also at the same time', async () => {
    const account = anAccount();
    const key = randomUUID();
    const answers = await Promise.all([
      connect(account, { key }),
      connect(account, { key, client: clients[1] }),
      connect(account, { key }),
    ]);
    answers.push(await connect(account, { key, client: clients[1] }));

    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    for (const { body } of answers) expect(body).toEqual(answers[0].body);
  });

  it('answers the same to the same key, also when other tokens and scopes came since', async () => {
    const account = anAccount();
    const key = randomUUID();
    const first = await connect(account, { key });
    const { tokens, grantedAt, grantSubject, actor } = anAccount();
    const { status } = await clients[0]!.post(
      `/internal/v1/channels/${first.body.id}/reauthorization`,
      { body: { tokens, grantedAt, grantSubject, actor, scopes: ['other'] } },
    );
    expect(status).toBe(200);
    const repeated = await connect(account, { key });
    expect([repeated.status, repeated.body]).toEqual([201, first.body]);
    const recorded = await events.read(channelStream(first.body.id));
    expect(recorded.map(({ event }) => event.type)).toEqual([
      'ChannelConnected',
      'ChannelReauthorized',
    ]);
  });

  it('refuses the same key with another body', async () => {
    const key = randomUUID();
    const account = anAccount();
    await connect(account, { key });
    const { status, body } = await connect({ ...account, handle: '@other' }, { key });
    expect([status, body.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  });

  it('answers the row as it can be read from then on', async () => {
    const member = await members.admit();
    const account = anAccount({ workspaceId: member.workspaceId, actor: member.userId });
    const { status, headers, body } = await connect(account);

    expect([status, headers.get('x-read-model')]).toEqual([201, null]);
    const api = new RestClient(
      (await bed.startRole('api', await bed.environment())).url,
      member.key,
    );
    const read = await api.get<ChannelRow>(`/api/v1/social-accounts/${body.id}`);
    expect(read.body).toEqual(body);
    const listed = await api.get('/api/v1/social-accounts');
    expect(listed.body).toEqual({ data: [body], nextCursor: null });
  });

  it('names each field that is wrong, and never what was sent in it', async () => {
    const { status, body } = await connect({
      ...anAccount(),
      platform: 'MYSPACE',
      tokens: { accessToken: { secret: 'do-not-echo' } },
      surplus: 1,
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'VALIDATION_FAILED' });
    const { problems } = body as unknown as { problems: string[] };
    expect(problems.map((problem) => problem.split(' ')[0]).sort()).toEqual([
      'platform',
      'property',
      'tokens.accessToken',
    ]);
    expect(JSON.stringify(body)).not.toContain('do-not-echo');
  });

  it('loses nothing of a meta in silence', async () => {
    const { status, body } = await connect(anAccount({ meta: { a: [{ toString: 'a' }] } }));
    expect([status, body]).toMatchObject([
      400,
      { problems: [expect.stringContaining('meta.a.0.toString')] },
    ]);
  });

  it("refuses a user's key, a credential without the scope, and a missing Idempotency-Key", async () => {
    const { url } = await bed.startRole('internal', await bed.environment());
    const { key } = await members.admit();
    const call = async (secret: string, headers = {}): Promise<unknown[]> => {
      const { status, body } = await new RestClient(url, secret).post<{ code: string }>(
        '/internal/v1/channels',
        { body: anAccount(), headers },
      );
      return [status, body.code];
    };
    const withKey = { 'idempotency-key': randomUUID() };
    expect(await call(key, withKey)).toEqual([401, 'UNAUTHORIZED']);
    expect(await call(await members.mintService(['lease']), withKey)).toEqual([
      403,
      'SCOPE_MISSING',
    ]);
    expect(await call(await members.mintService(['connect']))).toEqual([
      400,
      'IDEMPOTENCY_KEY_REQUIRED',
    ]);
  });

  it('refuses a workspace that there is not, and a board anywhere but on Pinterest; stores nothing', async () => {
    const stranger = { ...anAccount(), workspaceId: aWorkspaceId() };
    const boarded = { ...anAccount(), defaultBoardId: '549755885175' };
    for (const [account, code] of [
      [stranger, 'WORKSPACE_NOT_FOUND'],
      [boarded, 'BOARD_WITHOUT_PINTEREST'],
    ] as const) {
      const key = randomUUID();
      const { status, body } = await connect(account, { key });
      expect([status, body.code]).toEqual([422, code]);
      const stored: unknown = await dataSource.query(
        `SELECT id FROM registry.channels WHERE external_id = $1
         UNION SELECT channel_id FROM registry.idempotency_keys WHERE key = $2`,
        [account.externalId, key],
      );
      expect(stored).toEqual([]);
    }
  });

  it('refuses a text that would carry a token into an event', async () => {
    const account = anAccount();
    const avatarUrl = 'https://graph.example/1/picture?access_token=abc';
    const displayName = `Brand ${account.tokens.accessToken}`;
    for (const [path, given] of Object.entries({ avatarUrl, displayName })) {
      const { status, body } = await connect({ ...account, [path]: given });
      expect([status, body]).toMatchObject([422, { code: 'TEXT_HOLDS_CREDENTIAL', path }]);
    }
    const claims: unknown = await dataSource.query(
      'SELECT id FROM registry.channels WHERE external_id = $1',
      [account.externalId],
    );
    expect(claims).toEqual([]);
  });

  describe('with a meta that nothing may record', () => {
    const account = anAccount();

    it.each<[string, Record<string, unknown>, string, string]>([
      [
        'a credential by its name',
        { api: { client_secret: 's3cr3t' } },
        'META_HOLDS_CREDENTIAL',
        'meta.api.client_secret',
      ],
      [
        'its own token',
        { note: `t: ${account.tokens.accessToken}` },
        'META_HOLDS_CREDENTIAL',
        'meta.note',
      ],
      ['more than 4 KiB', { note: 'no '.repeat(1_400) }, 'META_TOO_LARGE', 'meta'],
      ['a fourth level', { a: { b: { c: [] } } }, 'META_TOO_DEEP', 'meta.a.b.c'],
    ])('is refused and not stored: %s', async (_, meta, code, path) => {
      const externalId = `external-${ulid()}`;
      const { status, body } = await connect({ ...account, externalId, meta });
      expect([status, body.code, body.path]).toEqual([422, code, path]);
      expect(JSON.stringify(body)).not.toMatch(/s3cr3t|access-/);
      const claims: unknown = await dataSource.query(
        'SELECT id FROM registry.channels WHERE external_id = $1',
        [externalId],
      );
      expect(claims).toEqual([]);
    });

    it.each([
      [20, 422, 'META_TOO_DEEP'],
      [25_000, 400, 'BAD_REQUEST'],
    ])('is refused, and never fails, with %i levels', async (levels, status, code) => {
      const text = JSON.stringify({ ...account, meta: { a: 'deep' } });
      const answer = await fetch(`${url}/internal/v1/channels`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${secret}`,
          'content-type': 'application/json',
          'idempotency-key': randomUUID(),
        },
        body: text.replace('"deep"', '['.repeat(levels) + ']'.repeat(levels)),
      });
      const problem = (await answer.json()) as { code: string };
      expect([answer.status, problem.code]).toEqual([status, code]);
    });
  });
});
