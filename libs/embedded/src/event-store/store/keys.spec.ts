import { decodeNumber, encodeNumber, MAX_INDEXED_NAME_BYTES, streamEventKey } from './keys';

describe('keys', () => {
  const numbers = [0, 1, 127, 128, 255, 256, 65_535, 2 ** 32, 2 ** 40 + 7, Number.MAX_SAFE_INTEGER];

  it.each(numbers)('gives the number %d back', (number) => {
    expect(decodeNumber(encodeNumber(number))).toBe(number);
  });

  it('orders numbers as numbers', () => {
    const shuffled = [...numbers].reverse().map(encodeNumber);
    expect(shuffled.sort(Buffer.compare).map((key) => decodeNumber(key))).toEqual(numbers);
  });

  it('orders the events of a stream by revision', () => {
    const keys = [300, 2, 1, 256, 0].map((revision) => streamEventKey('orders-1', revision));
    const revisions = keys.sort(Buffer.compare).map((key) => decodeNumber(key, key.length - 8));
    expect(revisions).toEqual([0, 1, 2, 256, 300]);
  });

  it('keeps streams apart whose names begin alike, whatever bytes follow', () => {
    const names = ['a', 'a\0', 'a\0\0\0\0\0\0\0\0', 'a\0\0\0\0\0\0\0\u0001', 'ab', 'é'];
    for (const name of names) {
      const first = streamEventKey(name, 0);
      const last = streamEventKey(name, Number.MAX_SAFE_INTEGER);
      for (const other of names.filter((candidate) => candidate !== name)) {
        const key = streamEventKey(other, 5);
        const between = Buffer.compare(first, key) <= 0 && Buffer.compare(key, last) <= 0;
        expect({ name, other, between }).toEqual({ name, other, between: false });
      }
    }
  });

  it('fits the longest name into a key of LMDB, and refuses a longer one before it gets there', () => {
    expect(streamEventKey('x'.repeat(MAX_INDEXED_NAME_BYTES), 1)).toHaveLength(1_978);
    expect(() => streamEventKey('x'.repeat(MAX_INDEXED_NAME_BYTES + 1), 1)).toThrow(RangeError);
  });
});
