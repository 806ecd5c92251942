import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RevocableProvider } from '@app/domain';
import { readRevocationFile, RevocationFileError } from './revocation-file';

const client = { clientId: 'an id', clientSecret: 'a hushed secret' };

describe('The revocation file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'revocation-file-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function read(
    content: unknown,
    listed: readonly RevocableProvider[],
    { mode = 0o600, allowLoopback = false } = {},
  ) {
    const path = join(folder, 'revocation.json');
    rmSync(path, { force: true });
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(path, text, { mode });
    return readRevocationFile(path, { listed, allowLoopback });
  }

  it('says for each listed provider where it is called, and as whom', () => {
    const url = 'https://graph.facebook.com/v26.0/me/permissions';
    const read1 = read({ google: {}, x: client, meta: { url } }, ['google', 'x', 'meta']);
    expect([...read1].map(([provider, { url, ...rest }]) => [provider, url.href, rest])).toEqual([
      ['google', 'https://oauth2.googleapis.com/revoke', {}],
      ['x', 'https://api.x.com/2/oauth2/revoke', client],
      ['meta', url, {}],
    ]);
  });

  it('may be about more than what is listed', () => {
    expect([...read({ google: {}, x: 'anything' }, ['google']).keys()]).toEqual(['google']);
  });

  const documented = 'google must be called at https://oauth2.googleapis.com';
  it.each([
    ['a provider that is missing', {}, 'google is missing, and REVOKED_GRANTS lists it'],
    ['no object', [], 'google is missing'],
    ['an entry that is none', { google: 'x' }, 'google must be an object with url'],
    ['a field that nobody knows', { google: { uri: '' } }, "google has a field that isn't known"],
    [
      'a field that is no text',
      { google: { clientId: 7 } },
      'google has a clientId that is no text',
    ],
    ['an empty field', { google: { clientId: '' } }, 'google has a clientId that is no text'],
    ['no JSON', '{', "can't be read (not JSON): see REVOCATION_FILE"],
    ['plain http', { google: { url: 'http://oauth2.googleapis.com/revoke' } }, documented],
    [
      'another host',
      { google: { url: 'https://oauth2.googleapis.com.evil.example/' } },
      documented,
    ],
    ['another port', { google: { url: 'https://oauth2.googleapis.com:8443/revoke' } }, documented],
    ['a user', { google: { url: 'https://me:x@oauth2.googleapis.com/revoke' } }, documented],
    ['this machine', { google: { url: 'http://127.0.0.1:80/revoke' } }, documented],
    ['no URL', { google: { url: 'revoke' } }, documented],
  ])('is refused in one line for %s', (_, content, line) => {
    const reading = () => read(content, ['google']);
    expect(reading).toThrow(RevocationFileError);
    expect(reading).toThrow(line);
  });

  it('must say as whom we call where the platform wants to know', () => {
    expect(() => read({ tiktok: { clientId: 'an id' } }, ['tiktok'])).toThrow(
      'tiktok needs a clientSecret',
    );
    expect(() => read({ x: {} }, ['x'])).toThrow('x needs a clientId');
  });

  it('is refused when others can read it, or when it is not there', () => {
    expect(() => read({ google: {} }, ['google'], { mode: 0o640 })).toThrow('chmod 600 it');
    const missing = { listed: ['google'] as const, allowLoopback: false };
    expect(() => readRevocationFile(join(folder, 'none'), missing)).toThrow(
      "can't be read (ENOENT): see REVOCATION_FILE",
    );
  });

  it('may name this machine in tests, and no other by plain http', () => {
    const url = 'http://127.0.0.1:4711/revoke';
    const allowed = { allowLoopback: true };
    expect(read({ google: { url } }, ['google'], allowed).get('google')!.url.href).toBe(url);
    const elsewhere = { google: { url: 'http://10.0.0.1/revoke' } };
    expect(() => read(elsewhere, ['google'], allowed)).toThrow(documented);
  });
});
