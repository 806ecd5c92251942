import { StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import { MAX_STREAM_NAME_BYTES } from '../store/system-streams';
import { CallError } from './call-error';
import { decodeBound, decodeStreamName, decodeUuid } from './identifiers';

describe('identifiers of the protocol', () => {
  const id = '0123abcd-4567-89ef-0123-456789abcdef';

  it('takes a UUID as text, in either case', () => {
    expect(decodeUuid(new UUID().setString(id.toUpperCase()))).toBe(id);
  });

  it('takes a UUID as two signed halves', () => {
    const structured = new UUID.Structured()
      .setMostSignificantBits(BigInt.asIntN(64, 0x8123abcd456789efn).toString())
      .setLeastSignificantBits(BigInt.asIntN(64, 0xf123456789abcdefn).toString());
    const uuid = new UUID().setStructured(structured);
    expect(decodeUuid(uuid)).toBe('8123abcd-4567-89ef-f123-456789abcdef');
  });

  it.each(['', 'abc', `${id}0`])('refuses "%s" as a UUID', (text) => {
    expect(() => decodeUuid(new UUID().setString(text))).toThrow(CallError);
  });

  it.each([
    ['0', 0],
    ['42', 42],
    ['9007199254740993', Number.MAX_SAFE_INTEGER],
    ['18446744073709551615', Number.MAX_SAFE_INTEGER],
  ])('takes the bound %s', (text, bound) => {
    expect(decodeBound(text)).toBe(bound);
  });

  const longest = 'x'.repeat(MAX_STREAM_NAME_BYTES);
  const named = (bytes: Uint8Array): StreamIdentifier =>
    new StreamIdentifier().setStreamName(bytes);

  it.each([longest, `$$${longest}`, '$$$$a', '\0'])('takes a name of a stream', (name) => {
    expect(decodeStreamName(named(Buffer.from(name)))).toBe(name);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['an empty', Buffer.alloc(0), /missing$/],
    ['a nameless metastream as the', Buffer.from('$$'), /missing: \$\$ is the metastream of none$/],
    ['a too long', Buffer.from(`${longest}x`), /has 1965 bytes; .* takes 1964 at most/],
    ['a too long metastream as the', Buffer.from(`$$${longest}x`), /has 1967 bytes/],
    ['a name that is too long as text as the', Buffer.alloc(1_000, 0xff), /has 3000 bytes/],
  ])('refuses %s name of a stream', (_name, bytes, reason) => {
    expect(() => decodeStreamName(named(bytes))).toThrow(CallError);
    expect(() => decodeStreamName(named(bytes))).toThrow(reason);
  });
});
