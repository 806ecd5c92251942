import { StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import { MAX_STREAM_NAME_BYTES } from '../store/keys';
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

  it.each([
    ['an empty', 0],
    ['a too long', MAX_STREAM_NAME_BYTES + 1],
  ])('refuses %s name of a stream', (_name, length) => {
    const identifier = new StreamIdentifier().setStreamName(Buffer.alloc(length, 'x'));
    expect(() => decodeStreamName(identifier)).toThrow(CallError);
  });
});
