import type { DataSource } from 'typeorm';
import type { EventStore } from '@app/event-store';
import { channelStream } from '@app/event-store';
import type { Members } from '@app/testing';
import { aChannelId, anAccount, membersOf, RestClient, useTestBed } from '@app/testing';
import { InternalService, outcomeOf } from '../support/internal-service';

const failure = {
  platformStatus: 400,
  code: 'invalid_grant',
  reason: 'The refresh token has expired',
  permanent: false,
};

describe('Tokens through the internal API', () => {
  const bed = useTestBed({ patient: true });
  let members: Members;
  let dataSource: DataSource;
  let events: EventStore;
  let service: InternalService;

  beforeAll(async () => {
    members = await membersOf(bed);
    dataSource = await bed.dataSource();
    events = await bed.eventStore();
    const env = await bed.environment({ READ_MODEL_WAIT_MS: '0' });
    const { url } = await bed.startRole('internal', env);
    service = new InternalService(url, await members.mintService(['connect', 'lease', 'refresh']));
  });

  async function connected(account = anAccount()): Promise<{ id: string; accessToken: string }> {
    const { status, body } = await service.connect(account);
    expect(status).toBe(201);
    return { id: body.id, accessToken: account.tokens.accessToken };
  }
  const typesOf = async (id: string): Promise<string[]> =>
    (await events.read(channelStream(id))).map(({ event }) => event.type);
  const leasesOf = (id: string): Promise<object[]> =>
    dataSource.query(
      `SELECT kind, version, refusal, ended_at IS NOT NULL AS ended,
              credential_id LIKE 'svc_%' AS named, until <= taken_at + interval '5 minutes' AS short
         FROM vault.leases WHERE channel_id = $1 ORDER BY taken_at`,
      [id],
    );
  async function disconnect(account: { id: string }, workspace: string): Promise<void> {
    const { key } = await members.admit({ workspaceId: workspace });
    const api = await bed.startRole('api', await bed.environment());
    const answer = await new RestClient(api.url, key).delete(
      `/api/v1/social-accounts/${account.id}`,
    );
    expect(answer.status).toBe(200);
    await api.stop();
  }

  describe('a lease', () => {
    it('answers the access token, written down with who took it, for 5 minutes', async () => {
      const { id, accessToken } = await connected();
      const { status, body } = await service.lease(id);
      expect([status, body.accessToken, body.version]).toEqual([200, accessToken, 1]);
      const ms = Date.parse(body.until!) - Date.now();
      expect(ms).toBeGreaterThan(240_000);
      expect(ms).toBeLessThanOrEqual(300_000);
      expect(await leasesOf(id)).toEqual([
        { kind: 'access', version: 1, refusal: null, ended: false, named: true, short: true },
      ]);
    });

    it('never lasts longer than the token', async () => {
      const tokenExpiresAt = new Date(Date.now() + 60_000).toISOString();
      const { id } = await connected(anAccount({ tokenExpiresAt }));
      expect((await service.lease(id)).body.until).toBe(tokenExpiresAt);
    });

    it('is refused for a token that has run out, while the channel stays ACTIVE', async () => {
      const { id } = await connected(anAccount({ tokenExpiresAt: '2020-01-01T00:00:00.000Z' }));
      expect(outcomeOf(await service.lease(id))).toBe('409 ACCESS_TOKEN_EXPIRED');
      expect(outcomeOf(await service.leaseRefresh(id))).toBe('200');
    });

    it('is refused where there is no such channel', async () => {
      expect(outcomeOf(await service.lease(aChannelId()))).toBe('404 CHANNEL_NOT_FOUND');
      expect(outcomeOf(await service.leaseRefresh(aChannelId()))).toBe('404 CHANNEL_NOT_FOUND');
      expect(outcomeOf(await service.lease('soc_nonsense'))).toBe('400 MALFORMED_ID');
    });

    it('is asked for with nothing: a field is refused, and no lease is written down', async () => {
      const { id } = await connected();
      const asked = { seconds: 900 };
      expect(outcomeOf(await service.lease(id, asked))).toBe('400 VALIDATION_FAILED');
      expect(outcomeOf(await service.leaseRefresh(id, asked))).toBe('400 VALIDATION_FAILED');
      expect(await leasesOf(id)).toEqual([]);
      expect(outcomeOf(await service.lease(id, {}))).toBe('200');
    });

    it('is refused once the grant was withdrawn or has expired, until it is reauthorized', async () => {
      const { id } = await connected();
      expect(outcomeOf(await service.withdrawn(id))).toBe('200');
      expect(outcomeOf(await service.lease(id))).toBe('409 REAUTHORIZATION_REQUIRED');
      expect(outcomeOf(await service.leaseRefresh(id))).toBe('409 REAUTHORIZATION_REQUIRED');
      expect(outcomeOf(await service.reauthorize(id, 'back'))).toBe('200');
      expect((await service.lease(id)).body).toMatchObject({ accessToken: 'back', version: 2 });

      await service.report(id, { ...failure, permanent: true });
      expect(outcomeOf(await service.lease(id))).toBe('409 REAUTHORIZATION_REQUIRED');
      expect((await leasesOf(id)).map((lease) => (lease as { refusal: unknown }).refusal)).toEqual([
        'REAUTHORIZATION_REQUIRED',
        'REAUTHORIZATION_REQUIRED',
        null,
        'REAUTHORIZATION_REQUIRED',
      ]);
    });

    it('is refused at once after a disconnect, before anything else knows of it', async () => {
      const account = anAccount();
      const { workspaceId } = await members.admit();
      const { id } = await connected({ ...account, workspaceId });
      await disconnect({ id }, workspaceId);
      expect(outcomeOf(await service.lease(id))).toBe('409 CHANNEL_DISCONNECTED');
      expect(outcomeOf(await service.leaseRefresh(id))).toBe('409 CHANNEL_DISCONNECTED');
      expect(outcomeOf(await service.refreshed(id, 'late'))).toBe('409 CHANNEL_DISCONNECTED');
      expect(outcomeOf(await service.report(id, failure))).toBe('409 CHANNEL_DISCONNECTED');
      const rows: object[] = await dataSource.query(
        'SELECT version FROM vault.tokens WHERE channel_id = $1',
        [id],
      );
      expect(rows).toEqual([{ version: 1 }]);
    });
  });

  describe('a refresh that succeeded', () => {
    it('replaces the tokens, and is an event; the same report again answers the same', async () => {
      const { id } = await connected();
      const body = {
        version: 1,
        tokens: { accessToken: 'second', refreshToken: null },
        tokenExpiresAt: '2030-01-01T00:00:00.000Z',
      };
      const answers = await Promise.all([1, 2, 3].map(() => service.report(id, body)));
      answers.push(await service.report(id, body));
      for (const { status, body: answer } of answers) {
        expect([status, answer]).toEqual([
          200,
          { accountId: id, outcome: 'REFRESHED', status: 'ACTIVE', version: 2 },
        ]);
      }
      const recorded = await events.read(channelStream(id));
      expect(recorded.map(({ event }) => event)).toMatchObject([
        { type: 'ChannelConnected' },
        {
          type: 'ChannelTokenRefreshed',
          data: { channelId: id, tokenVersion: 2, tokenExpiresAt: body.tokenExpiresAt },
        },
      ]);
      expect((await service.lease(id)).body).toMatchObject({ accessToken: 'second', version: 2 });
    });

    it('keeps the former refresh token where the platform gave no new one', async () => {
      const account = anAccount();
      const { id } = await connected(account);
      await service.report(id, { version: 1, tokens: { accessToken: 'second' } });
      const { body } = await service.leaseRefresh(id);
      expect(body.refreshToken).toBe(account.tokens.refreshToken);
    });

    it('is refused when it comes late, and nothing is stored', async () => {
      const { id } = await connected();
      await service.refreshed(id, 'second', 1);
      expect(outcomeOf(await service.refreshed(id, 'late', 1))).toBe('409 TOKEN_VERSION_MISMATCH');
      expect(outcomeOf(await service.refreshed(id, 'early', 3))).toBe('409 TOKEN_VERSION_MISMATCH');
      const late = { ...failure, version: 1, permanent: true };
      expect(outcomeOf(await service.report(id, late))).toBe('409 TOKEN_VERSION_MISMATCH');
      expect((await service.lease(id)).body).toMatchObject({ accessToken: 'second', version: 2 });
      expect(await typesOf(id)).toEqual(['ChannelConnected', 'ChannelTokenRefreshed']);
    });

    it('is refused when a reauthorization came first', async () => {
      const { id } = await connected();
      await service.leaseRefresh(id);
      await service.reauthorize(id, 'again');
      expect(outcomeOf(await service.refreshed(id, 'late', 1))).toBe('409 TOKEN_VERSION_MISMATCH');
      expect((await service.lease(id)).body.accessToken).toBe('again');
    });

    it('needs its version, and tells of no failure', async () => {
      const { id } = await connected();
      const tokens = { accessToken: 'x' };
      expect(outcomeOf(await service.report(id, { tokens }))).toBe('400 VALIDATION_FAILED');
      const both = { version: 1, tokens, ...failure };
      expect(outcomeOf(await service.report(id, both))).toBe('400 VALIDATION_FAILED');
      expect(outcomeOf(await service.report(id, {}))).toBe('400 VALIDATION_FAILED');
    });
  });

  describe('a refresh that failed', () => {
    it('is recorded once an hour, scrubbed of what looks like a credential', async () => {
      const { id } = await connected();
      const secret = 'ya29.a0AfH6SMBx7d2Kq9vPz4tLw8nRm3Yc5Ju1Xe6';
      const body = { ...failure, reason: `token=${secret} was rejected` };
      const first = await service.report(id, body);
      expect(first.body).toEqual({
        accountId: id,
        outcome: 'FAILED',
        status: 'ACTIVE',
        version: null,
      });
      expect((await service.report(id, body)).body).toEqual(first.body);
      expect(await typesOf(id)).toEqual(['ChannelConnected', 'ChannelTokenRefreshFailed']);
      const recorded = JSON.stringify((await events.read(channelStream(id))).at(-1)?.event);
      expect(recorded).toContain('invalid_grant');
      expect(recorded).not.toContain(secret);
    });

    it('makes the channel TOKEN_EXPIRED when it is permanent; again, it answers the same', async () => {
      const { id } = await connected();
      const body = { ...failure, version: 1, permanent: true };
      const first = await service.report(id, body);
      expect(first.body).toMatchObject({ outcome: 'FAILED', status: 'TOKEN_EXPIRED', version: 1 });
      expect((await service.report(id, body)).body).toEqual(first.body);
      expect(await typesOf(id)).toEqual(['ChannelConnected', 'ChannelTokenRefreshFailed']);
      const success = await service.refreshed(id, 'late', 1);
      expect(outcomeOf(success)).toBe('409 REAUTHORIZATION_REQUIRED');
    });
  });

  it('needs the scope of each route', async () => {
    const { id } = await connected();
    const { url } = await bed.startRole('internal', await bed.environment());
    const only = async (scope: 'connect' | 'lease' | 'refresh') =>
      new InternalService(url, await members.mintService([scope]));
    for (const scope of ['connect', 'refresh'] as const) {
      expect(outcomeOf(await (await only(scope)).lease(id))).toBe('403 SCOPE_MISSING');
    }
    for (const scope of ['connect', 'lease'] as const) {
      const other = await only(scope);
      expect(outcomeOf(await other.leaseRefresh(id))).toBe('403 SCOPE_MISSING');
      expect(outcomeOf(await other.report(id, failure))).toBe('403 SCOPE_MISSING');
    }
  });
});
