import { sealed, unsealed } from './sealed';

describe('a sealed event', () => {
  const position = 2 ** 40 + 1;
  const event = Buffer.from('0000000000000007 an event');

  it('comes back as it was', () => {
    expect(unsealed(position, sealed(position, event))).toEqual(event);
  });

  it('is taken as formats 1 and 2 wrote it, without a seal', () => {
    const older = Buffer.concat([Buffer.alloc(8), event]);
    expect(unsealed(position, older)).toEqual(older);
  });

  it('is refused with any byte changed, cut, and at any other position', () => {
    const row = sealed(position, event);
    for (let at = 0; at < row.length; at += 1) {
      const changed = Buffer.from(row);
      changed[at]! ^= 2;
      expect(() => unsealed(position, changed)).toThrow();
      expect(() => unsealed(position, row.subarray(0, at))).toThrow();
    }
    expect(() => unsealed(position + 1, row)).toThrow();
  });
});
