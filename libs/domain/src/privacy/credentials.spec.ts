import { createHash } from 'node:crypto';
import { looksLikeCredential, namesCredential, scrubbed } from './credentials';

const jwt =
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';
const opaque = 'mF_9.B5f-4.1JqM3kZx0pQ7tLw2Rv8';

describe('scrubbed', () => {
  it.each([
    ['a JWT', `bad token ${jwt}!`, 'bad token [removed]!'],
    ['half a JWT', `got ${jwt.slice(0, 30)}`, 'got [removed]'],
    ['a long random string', `trace ${opaque} failed`, 'trace [removed] failed'],
    ['a UUID', 'for 3f2c8a1e-77b0-4b6e-9d5a-0c1f2e3d4a5b here', 'for [removed] here'],
    ['hex', `digest ${'0f3a'.repeat(8)}`, 'digest [removed]'],
    ['base64 with slashes', 'key q8X/3kL+9pZ/a7B=', 'key [removed]'],
    ['random within a path', `see /v1/me/${'aB3dE5gH7jK9mN1p'}/posts`, 'see [removed]'],
    ['a token of Meta', 'got EAAGm0PX4ZCpsBAKZCZC', 'got [removed]'],
    ['a token of Google', 'got ya29.abcdefghijkl', 'got [removed]'],
    ['a refresh token of Google', 'got 1//abcdefghijkl', 'got [removed]'],
    ['a token of TikTok', 'got act.exampleexample', 'got [removed]'],
    ['a token of Pinterest', 'got pina_abcdefghijkl', 'got [removed]'],
    ['an app password of Bluesky', 'got abcd-efgh-ijkl-mnop', 'got [removed]'],
    ['a key of ours', `got pb_live_${'a'.repeat(32)}`, 'got [removed]'],
    [
      'a private key',
      '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----',
      '[removed]',
    ],
    ['half a private key', 'x -----BEGIN PRIVATE KEY-----\nMIIEvQ', 'x [removed]'],
    ['a bearer', 'Bearer abc123 was refused', 'Bearer [removed] was refused'],
    [
      'an Authorization header',
      'Authorization: Basic dTpw; retry',
      'Authorization: Basic [removed]; retry',
    ],
    ['one of an unknown scheme', 'authorization=hunter', 'authorization=[removed]'],
    ['a URL with a user', 'GET https://me:pw@api.example/x', 'GET https://[removed]@api.example/x'],
    ['key=value', 'access_token=abc&scope=read', 'access_token=[removed]&scope=read'],
    ['a query', 'at /oauth?client_secret=hunter2&v=1', 'at /oauth?client_secret=[removed]&v=1'],
    ['JSON', '{"refreshToken":"abc","code":190}', '{"refreshToken":[removed],"code":190}'],
    ['JSON cut short', '{"refresh_token": "abc', '{"refresh_token": [removed]'],
    ['quotes of another kind', "{'api-key': 'a b c'}", "{'api-key': [removed]}"],
    ['a header', 'X-Api-Key: k7', 'X-Api-Key: [removed]'],
    ['a password that is a word', 'password: sunshine', 'password: [removed]'],
  ])('removes %s', (_, text, expected) => {
    expect(scrubbed(text)).toBe(expected);
    expect(scrubbed(expected)).toBe(expected);
  });

  it.each([
    'invalid_grant: the refresh token has expired',
    'Error validating access token: Session has expired on Tuesday, 24-Nov-26 06:00:00 PST.',
    '(#200) Requires instagram_content_publish permission, code 190, subcode 463',
    'HTTP 429 from https://graph.facebook.com/v19.0/17841400000000000/media: too many requests',
    'OAuthException: The user has not authorized application 123456789012345',
    'Basic authentication is not supported; use a bearer token',
    'Rate limit resets at 2026-11-25T10:45:00.250Z',
    'Die Sitzung ist abgelaufen – bitte erneut anmelden 🙂',
  ])('leaves what only says what is wrong: %s', (text) => {
    expect(scrubbed(text)).toBe(text);
  });

  it.each(['hex', 'base64', 'base64url'] as const)('removes %s, whatever is drawn', (encoding) => {
    for (let draw = 0; draw < 2_000; draw++) {
      const bytes = createHash('sha512').update(`${encoding} ${draw}`).digest();
      const secret = bytes.subarray(0, 16 + (draw % 48)).toString(encoding);
      expect([secret, scrubbed(`The platform said ${secret} (400)`)]).toEqual([
        secret,
        'The platform said [removed] (400)',
      ]);
    }
  });

  it('makes one line of it, that every log and database takes', () => {
    expect(scrubbed(' a\r\n\tb\u0000c\u001b[31m\ud800 d ')).toBe('a b c [31m d');
  });

  it('keeps 500 characters, and never half of one', () => {
    expect(scrubbed('no '.repeat(1_000))).toHaveLength(500);
    expect(scrubbed('🙂'.repeat(400))).toBe(`${'🙂'.repeat(249)}…`);
  });

  it('shows nothing of a secret that the cut goes through', () => {
    const secret = 'aB3dE5gH7jK9mN1p';
    for (let before = 480; before < 505; before++) {
      expect(scrubbed('-'.repeat(before) + ' ' + secret)).not.toContain('aB3');
    }
  });

  it.each([
    'a'.repeat(65_536),
    'token:"'.repeat(9_000),
    'a://'.repeat(16_000),
    '-----BEGIN A-----'.repeat(4_000),
  ])('takes no time for whatever somebody makes up', (text) => {
    const before = process.cpuUsage().user;
    scrubbed(text);
    // An expression that goes back and forth takes minutes.
    expect((process.cpuUsage().user - before) / 1_000).toBeLessThan(1_000);
  });
});

describe('in meta', () => {
  it.each([
    'accessToken',
    'access_token',
    'REFRESH-TOKEN',
    'token',
    'tokens',
    'clientSecret',
    'secret',
    'secret_key',
    'password',
    'passwd',
    'api_key',
    'apiKey',
    'X-Api-Key',
    'authorization',
    'auth',
    'cookie',
    'session_id',
    'privateKey',
    'credentials',
    'jwt',
    'pwd',
  ])('%s names a credential', (key) => expect(namesCredential(key)).toBe(true));

  it.each([
    'defaultBoard',
    'premium',
    'authorName',
    'author',
    'secretBoards',
    'passenger',
    'keyword',
    'locale',
    'followers',
    'pinned',
    'pageId',
    'primaryKeyword',
    'session',
    'options',
  ])('%s names none', (key) => expect(namesCredential(key)).toBe(false));

  it.each([
    jwt,
    `Bearer ${opaque}`,
    'access_token=abc',
    'https://me:pw@example.com/',
    'EAAGm0PX4ZCpsBAKZCZC',
    'q8X3kL9pZa7Bq8X3kL9pZa7Bq8X3kL9pZa7Bq8X3kL9p',
  ])('%s is taken for one', (text) => expect(looksLikeCredential(text)).toBe(true));

  it.each([
    'My favourite board',
    'UCuAXFkgsw1L7xaCfnd5JJOw',
    '3f2c8a1e-77b0-4b6e-9d5a-0c1f2e3d4a5b',
    'soc_01JDXSYV8Q3M5K7N9R2T4W6YBC',
    'urn:li:organization:123456789',
    'https://www.pinterest.com/brand/winter-2026-collection/',
    '17841400000000000',
    '2026-11-25T10:45:00.250Z',
  ])('%s is an id or a text', (text) => expect(looksLikeCredential(text)).toBe(false));
});
