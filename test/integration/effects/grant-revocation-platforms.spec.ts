import type { Platform, RevocableProvider } from '@app/domain';
import type { ClientCredentials, RevocationAnswer } from '@app/effects';
import { GrantPlatforms } from '@app/effects';
import type { RevocationToken } from '@app/token-vault';
import type { Behaviour } from '../../support/platform-server';
import {
  answers,
  breaksOff,
  dawdles,
  floods,
  hangsUp,
  PlatformServer,
  staysSilent,
} from '../../support/platform-server';

const token: RevocationToken = { kind: 'refresh', token: 'a/secret+token' };
const client: ClientCredentials = { clientId: 'an id', clientSecret: 'a secret' };
const platformOf: Readonly<Record<RevocableProvider, Platform>> = {
  google: 'YOUTUBE',
  tiktok: 'TIKTOK_PERSONAL',
  x: 'X',
  meta: 'FACEBOOK_PAGE',
};
const providers = Object.keys(platformOf) as RevocableProvider[];
const done: Readonly<Record<RevocableProvider, Behaviour>> = {
  google: answers(200, {}),
  tiktok: answers(200),
  x: answers(200, { revoked: true }),
  meta: answers(200, { success: true }),
};

const retry = (reason: string) => ({ kind: 'retry', reason });
const revoked = { kind: 'revoked' };
const alreadyRevoked = { kind: 'already_revoked' };

describe('Withdrawing a grant on a platform', () => {
  let server: PlatformServer;
  beforeAll(async () => {
    server = await PlatformServer.start();
  });
  afterAll(() => server.close());
  beforeEach(() => server.calls.splice(0));

  const never = new AbortController().signal;

  function ask(
    provider: RevocableProvider,
    behaviour: Behaviour,
    { credentials = client, timeoutMs = 5_000, signal = never, asked = token } = {},
  ): Promise<RevocationAnswer> {
    const configured = { url: new URL(server.url), ...credentials };
    server.usually = behaviour;
    return new GrantPlatforms(new Map([[provider, configured]]), timeoutMs).revoke(
      platformOf[provider],
      asked,
      signal,
    );
  }

  describe('asks as the platform documents it', () => {
    const headersOf = async (provider: RevocableProvider, options = {}) => {
      expect(await ask(provider, done[provider], options)).toEqual(revoked);
      expect(server.calls).toHaveLength(1);
      const { method, path, form, headers } = server.calls[0]!;
      const { authorization, 'content-type': contentType } = headers;
      return { method, path, form, authorization, contentType };
    };
    const contentType = 'application/x-www-form-urlencoded;charset=UTF-8';
    const post = { method: 'POST', path: '/revoke', contentType };

    it('Google', async () => {
      expect(await headersOf('google')).toEqual({ ...post, form: { token: token.token } });
    });

    it('TikTok', async () => {
      expect(await headersOf('tiktok')).toEqual({
        ...post,
        form: { client_key: 'an id', client_secret: 'a secret', token: token.token },
      });
    });

    it('X, as a confidential client and as a public one', async () => {
      const form = { token: token.token, token_type_hint: 'refresh_token' };
      const authorization = `Basic ${Buffer.from('an%20id:a%20secret').toString('base64')}`;
      expect(await headersOf('x')).toEqual({ ...post, form, authorization });
      server.calls.splice(0);
      const asked = { kind: 'access', token: 'another' } as const;
      const credentials = { clientId: 'an id' };
      expect(await headersOf('x', { credentials, asked })).toEqual({
        ...post,
        form: { token: 'another', token_type_hint: 'access_token', client_id: 'an id' },
      });
    });

    it('Meta, with the proof that it is us where a secret is configured', async () => {
      const bare = { method: 'DELETE', form: {}, authorization: `Bearer ${token.token}` };
      expect(await headersOf('meta', { credentials: {} })).toEqual({ ...bare, path: '/revoke' });
      server.calls.splice(0);
      const { path } = await headersOf('meta');
      expect(path).toMatch(/^\/revoke\?appsecret_proof=[0-9a-f]{64}$/);
    });
  });

  it.each<[RevocableProvider, Behaviour]>([
    ['google', answers(400, { error: 'invalid_token', error_description: 'Token expired' })],
    ['tiktok', answers(400, { error: 'invalid_grant' })],
    ['tiktok', answers(401, { error: { code: 'access_token_invalid' } })],
    ['x', answers(400, { error: 'invalid_token' })],
    ['meta', answers(400, { error: { code: 190, error_subcode: 458 } })],
    ['meta', answers(400, { error: { code: 190 } })],
  ])('%s knows a grant that was withdrawn before', async (provider, behaviour) => {
    expect(await ask(provider, behaviour)).toEqual(alreadyRevoked);
  });

  it.each([463, 467])(
    'a token that is dead at Meta (%s) does not say that the grant is gone',
    async (error_subcode) => {
      const dead = answers(400, { error: { code: 190, error_subcode } });
      expect(await ask('meta', dead)).toEqual(retry('token_unusable'));
    },
  );

  describe.each(providers)('%s', (provider) => {
    const html = '<html><body>Success</body></html>';
    it.each<[string, Behaviour, string]>([
      ['is down', answers(503, { revoked: true, success: true }), 'server_error'],
      ['has too much to do', answers(429, {}), 'rate_limited'],
      ['hangs up', hangsUp, 'no_answer'],
      ['breaks off', breaksOff, 'no_answer'],
      ['floods', floods, 'too_large'],
      ['says no', answers(403, { error: provider === 'meta' ? { code: 10 } : 'no' }), 'refused'],
      ['says no in its own words', answers(403, html), 'unclear_answer'],
      ['says yes in HTML', answers(200, html), 'unclear_answer'],
      ['says yes in half a JSON', answers(200, '{"revoked":true,"success":tr'), 'unclear_answer'],
      ['says yes to nothing', answers(200, '[]'), 'unclear_answer'],
      ['says yes beside an error', answers(200, { error: 'invalid_token' }), 'unclear_answer'],
      ['calls a success gone', answers(200, { error: { code: 190 } }), 'unclear_answer'],
      ['says that it will', answers(202, ''), 'unclear_answer'],
    ])('that %s has not withdrawn it', async (_, behaviour, reason) => {
      expect(await ask(provider, behaviour)).toEqual(retry(reason));
    });

    it('that sends it elsewhere is not followed', async () => {
      const elsewhere = answers(307, '', { location: `${server.url}/elsewhere` });
      expect(await ask(provider, elsewhere)).toEqual(retry('redirected'));
      expect(server.calls).toHaveLength(1);
    });

    it.each([
      ['stays silent', staysSilent],
      ['never ends its answer', dawdles],
    ])('that %s is left in time', async (_, behaviour) => {
      const answer = await ask(provider, behaviour, { timeoutMs: 150 });
      expect(answer).toEqual(retry('timeout'));
    });
  });

  it('that is not there has not withdrawn it', async () => {
    const gone = await PlatformServer.start();
    const url = new URL(gone.url);
    await gone.close();
    const platforms = new GrantPlatforms(new Map([['google', { url }]]), 5_000);
    expect(await platforms.revoke('YOUTUBE', token, never)).toEqual(retry('no_answer'));
  });

  it('tells that the client is refused, since that is ours to mend', async () => {
    const refused = answers(401, { error: 'invalid_client' });
    expect(await ask('tiktok', refused)).toEqual(retry('client_refused'));
  });

  it('ends with the process, and with nothing of the token in its error', async () => {
    const stopping = new AbortController();
    const reason = new Error('stopping');
    const asking = ask('x', () => stopping.abort(reason), { signal: stopping.signal });
    await expect(asking).rejects.toBe(reason);
  });

  it('asks nobody where the platform has no way, or none is configured', async () => {
    const platforms = new GrantPlatforms(new Map([['x', { url: new URL(server.url) }]]), 5_000);
    const unsupported = { kind: 'unsupported' };
    expect(await platforms.revoke('LINKEDIN_PERSON', token, never)).toEqual(unsupported);
    expect(await platforms.revoke('YOUTUBE', token, never)).toEqual(unsupported);
    expect(server.calls).toEqual([]);
  });

  it('takes the token that the platform wants, and none that is of no use', () => {
    const url = new URL(server.url);
    const all = new Map(providers.map((provider) => [provider, { url }]));
    const platforms = new GrantPlatforms(all, 5_000);
    const both = { accessToken: 'access', refreshToken: 'refresh', hasExpired: true };
    const choose = (given: object, platform: Platform) =>
      platforms.choose(platform, { ...both, ...given })?.token;
    expect(providers.map((provider) => choose({}, platformOf[provider]))).toEqual([
      'refresh',
      undefined,
      'refresh',
      'refresh',
    ]);
    const accessOnly = { refreshToken: null, hasExpired: false };
    for (const provider of providers) {
      expect(choose(accessOnly, platformOf[provider])).toBe('access');
    }
    expect(choose({ refreshToken: null }, 'YOUTUBE')).toBeUndefined();
    expect(choose(accessOnly, 'PINTEREST')).toBeUndefined();
  });
});
