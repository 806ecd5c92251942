import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyFileError } from './key-file';
import { Keyring } from './keyring';

describe('a key file', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyring-'));
    path = join(folder, 'keys.json');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (content: string, mode = 0o600): void => {
    writeFileSync(path, content, { mode });
    chmodSync(path, mode);
  };
  const key = Buffer.alloc(32, 7).toString('base64');
  const kek = (material = key): string =>
    JSON.stringify({ key: material, createdAt: '2026-11-01T08:00:00.000Z', retiredAt: null });

  it('is made with fresh keys, for its owner alone', () => {
    Keyring.create(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const keyring = Keyring.fromFile(path);
    expect(keyring.key(keyring.activeId)).toHaveLength(32);
    Keyring.create(`${path}.other`);
    expect(readFileSync(path, 'utf8')).not.toBe(readFileSync(`${path}.other`, 'utf8'));
  });

  it('is never overwritten: what it sealed would be lost', () => {
    Keyring.create(path);
    expect(() => Keyring.create(path)).toThrow('EEXIST');
  });

  it.each(['640', '604', '660', '610', '601'])('is refused with mode %s', (mode) => {
    Keyring.create(path);
    chmodSync(path, mode);
    expect(() => Keyring.fromFile(path)).toThrow(
      new KeyFileError(`${path} can be read by others: chmod 600 it`),
    );
  });

  it('is refused when it is missing, and says which setting names it', () => {
    expect(() => Keyring.fromFile(path)).toThrow(/keys\.json can't be read \(ENOENT\).*VAULT_KEY/);
  });

  it.each([
    ['no JSON', 'kek-1: secret-looking'],
    ['no keys', '{}'],
    ['nothing', 'null'],
    [
      'an active key that it does not have',
      `{"active":"b","keys":{"a":${kek()}},"fingerprintKey":"${key}"}`,
    ],
    ['a short key', `{"active":"a","keys":{"a":${kek('AAAA')}},"fingerprintKey":"${key}"}`],
    [
      'a key without its times',
      `{"active":"a","keys":{"a":{"key":"${key}"}},"fingerprintKey":"${key}"}`,
    ],
    ['no fingerprint key', `{"active":"a","keys":{"a":${kek()}}}`],
  ])('is refused with %s, in one line that shows nothing of it', (_, content) => {
    write(content);
    const refusal = refusalOf(() => Keyring.fromFile(path));
    expect(refusal).toBeInstanceOf(KeyFileError);
    expect(refusal.message).not.toContain('\n');
    expect(refusal.message).not.toMatch(/secret-looking|BwcH/);
  });

  it('gives the same fingerprint to the same text and purpose alone', () => {
    Keyring.create(path);
    const keyring = Keyring.fromFile(path);
    const fingerprint = keyring.fingerprint('grant', 'META|1');
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(Keyring.fromFile(path).fingerprint('grant', 'META|1')).toBe(fingerprint);
    expect(keyring.fingerprint('request', 'META|1')).not.toBe(fingerprint);
    expect(keyring.fingerprint('grant', 'META|2')).not.toBe(fingerprint);
  });

  it('is rotated: another key seals, the former is kept with the time of its retirement', async () => {
    Keyring.create(path);
    const keyring = Keyring.fromFile(path);
    const former = await keyring.active();
    const now = new Date('2026-11-25T12:00:00.000Z');
    const made = await keyring.rotate(now);
    expect((await keyring.active()).id).toBe(made.id);
    expect(await keyring.find(former.id)).toEqual(former);
    const times = (await keyring.list()).map(({ id, retiredAt }) => [id, retiredAt]);
    expect(times).toHaveLength(2);
    expect(times).toContainEqual([former.id, now]);
    expect(times).toContainEqual([made.id, null]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('shows every process what another one has changed, and never a part of it', async () => {
    Keyring.create(path);
    const [one, other] = [Keyring.fromFile(path), Keyring.fromFile(path)];
    const former = one.activeId;
    const { id } = await one.rotate(new Date());
    expect(other.activeId).toBe(id);
    await other.destroy(former);
    expect(await one.find(former)).toBeUndefined();
    expect(readFileSync(path, 'utf8')).not.toContain(former);
    expect(readdirSync(folder)).toEqual(['keys.json']);
    expect(one.fingerprint('grant', 'x')).toBe(other.fingerprint('grant', 'x'));
  });

  it('never loses the key that seals, and destroys none twice', async () => {
    Keyring.create(path);
    const keyring = Keyring.fromFile(path);
    await expect(keyring.destroy(keyring.activeId)).rejects.toThrow("can't be destroyed");
    await keyring.destroy('kek-of-another-file');
    expect(await keyring.list()).toHaveLength(1);
  });

  it('is refused from the moment at which others can read it', () => {
    Keyring.create(path);
    const keyring = Keyring.fromFile(path);
    chmodSync(path, 0o644);
    expect(() => keyring.activeId).toThrow('can be read by others');
  });

  it('has no key that it does not have', () => {
    Keyring.create(path);
    expect(Keyring.fromFile(path).key('kek-of-another-file')).toBeUndefined();
  });
});

function refusalOf(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('It was not refused');
}
