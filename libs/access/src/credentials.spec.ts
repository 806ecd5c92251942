import { createHash } from 'node:crypto';
import { isSecret, mintSecret, secretHash } from './credentials';

describe.each(['pb_live_', 'pb_svc_'] as const)('a %s credential', (marker) => {
  it('is the marker and 32 characters, the first 8 of which may be shown', () => {
    const { secret, prefix } = mintSecret(marker);
    expect(secret).toMatch(new RegExp(`^${marker}[A-Za-z0-9]{32}$`));
    expect(secret.startsWith(marker + prefix)).toBe(true);
    expect(prefix).toHaveLength(8);
    expect(isSecret(marker, secret)).toBe(true);
  });

  it('is never the same twice', () => {
    const secrets = Array.from({ length: 100 }, () => mintSecret(marker).secret);
    expect(new Set(secrets).size).toBe(100);
  });

  it.each([
    ['nothing', ''],
    ['the marker alone', marker],
    ['31 characters', marker + 'a'.repeat(31)],
    ['33 characters', marker + 'a'.repeat(33)],
    ['another character', `${marker}${'a'.repeat(31)}-`],
    ['a line break', `${marker}${'a'.repeat(32)}\n`],
  ])('is not %s', (_, text) => {
    expect(isSecret(marker, text)).toBe(false);
  });
});

it("a user's key is no service's credential, nor the other way round", () => {
  expect(isSecret('pb_svc_', mintSecret('pb_live_').secret)).toBe(false);
  expect(isSecret('pb_live_', mintSecret('pb_svc_').secret)).toBe(false);
});

it('what is stored of a secret is its SHA-256', () => {
  const expected = createHash('sha256').update('pb_live_x', 'utf8').digest('hex');
  expect(secretHash('pb_live_x').toString('hex')).toBe(expected);
});
