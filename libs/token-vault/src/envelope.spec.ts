import { randomBytes } from 'node:crypto';
import { openEnvelope, rewrapKey, sealEnvelope } from './envelope';

const kek = randomBytes(32);
const binding = { workspaceId: 'ws_1', channelId: 'soc_1', version: 1 };
const secret = Buffer.from('{"accessToken":"a token"}');

describe('an envelope', () => {
  it('opens for what it was sealed for', () => {
    const envelope = sealEnvelope(kek, binding, secret);
    expect(openEnvelope(kek, binding, envelope)).toEqual(secret);
  });

  it('shows nothing of the secret', () => {
    const { wrappedKey, sealed } = sealEnvelope(kek, binding, secret);
    for (const part of [wrappedKey, sealed]) expect(part.includes('token')).toBe(false);
    expect(sealed.subarray(28).equals(secret)).toBe(false);
  });

  it('is never the same twice', () => {
    const [one, other] = [sealEnvelope(kek, binding, secret), sealEnvelope(kek, binding, secret)];
    expect(one.sealed.equals(other.sealed)).toBe(false);
    expect(one.wrappedKey.equals(other.wrappedKey)).toBe(false);
  });

  it.each([
    ['another channel', { ...binding, channelId: 'soc_2' }],
    ['another workspace', { ...binding, workspaceId: 'ws_2' }],
    ['another version', { ...binding, version: 2 }],
    [
      'the same letters, divided in another way',
      { ...binding, workspaceId: 'ws_1|soc_1', channelId: '' },
    ],
  ])('does not open for %s', (_, other) => {
    const envelope = sealEnvelope(kek, binding, secret);
    expect(() => openEnvelope(kek, other, envelope)).toThrow();
  });

  it('does not open with another key-encryption key', () => {
    const envelope = sealEnvelope(kek, binding, secret);
    expect(() => openEnvelope(randomBytes(32), binding, envelope)).toThrow();
  });

  it('does not open when two channels had their ciphertexts swapped, in whole or in part', () => {
    const other = { ...binding, channelId: 'soc_2' };
    const [mine, theirs] = [
      sealEnvelope(kek, binding, secret),
      sealEnvelope(kek, other, Buffer.from('theirs')),
    ];
    expect(() => openEnvelope(kek, binding, theirs)).toThrow();
    expect(() => openEnvelope(kek, other, mine)).toThrow();
    expect(() => openEnvelope(kek, binding, { ...mine, sealed: theirs.sealed })).toThrow();
    expect(() => openEnvelope(kek, binding, { ...mine, wrappedKey: theirs.wrappedKey })).toThrow();
  });

  it('does not open when a single bit was changed, wherever it is', () => {
    const envelope = sealEnvelope(kek, binding, secret);
    for (const part of ['wrappedKey', 'sealed'] as const) {
      for (let at = 0; at < envelope[part].length; at++) {
        const changed = Buffer.from(envelope[part]);
        changed[at]! ^= 1;
        expect(() => openEnvelope(kek, binding, { ...envelope, [part]: changed })).toThrow();
      }
    }
  });

  it.each([0, 4, 12, 27, 28])('does not open when its tag was cut to %i bytes', (length) => {
    const envelope = sealEnvelope(kek, binding, secret);
    const sealed = envelope.sealed.subarray(0, length);
    expect(() => openEnvelope(kek, binding, { ...envelope, sealed })).toThrow();
  });

  describe('whose data key is rewrapped', () => {
    const next = randomBytes(32);
    const rewrapped = (envelope = sealEnvelope(kek, binding, secret)) => ({
      ...envelope,
      wrappedKey: rewrapKey(kek, next, binding, envelope.wrappedKey),
    });

    it('opens with the other key alone, its secret untouched', () => {
      const envelope = sealEnvelope(kek, binding, secret);
      const after = rewrapped(envelope);
      expect(openEnvelope(next, binding, after)).toEqual(secret);
      expect(after.sealed).toBe(envelope.sealed);
      expect(() => openEnvelope(kek, binding, after)).toThrow();
    });

    it.each([
      ['another channel', { ...binding, channelId: 'soc_2' }],
      ['another workspace', { ...binding, workspaceId: 'ws_2' }],
      ['another version', { ...binding, version: 2 }],
    ])('is rewrapped for %s no more than it is opened', (_, other) => {
      const { wrappedKey } = sealEnvelope(kek, binding, secret);
      expect(() => rewrapKey(kek, next, other, wrappedKey)).toThrow();
      expect(() => openEnvelope(next, other, rewrapped())).toThrow();
    });

    it('is not rewrapped with a key that did not wrap it', () => {
      const { wrappedKey } = sealEnvelope(kek, binding, secret);
      expect(() => rewrapKey(next, kek, binding, wrappedKey)).toThrow();
    });
  });
});
