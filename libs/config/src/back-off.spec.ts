import { backOff, backOffMs } from './back-off';

describe('The wait between two tries', () => {
  it.each([
    [0, 100],
    [1, 200],
    [3, 800],
    [10, 5_000],
    [10_000, 5_000],
  ])('after %d failures is spread evenly up to %d ms', (failures, most) => {
    const waits = Array.from({ length: 2_000 }, () => backOffMs(failures, 5_000));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...waits)).toBeLessThanOrEqual(most);
    // Each tenth of the way has its share: none of 2,000 in one of them doesn't happen.
    const tenths = new Set(waits.map((ms) => Math.floor((10 * ms) / most)));
    expect([...tenths].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('ends at once when the signal is given, before or meanwhile', async () => {
    const ending = new AbortController();
    const waiting = backOff(30, { retryCapMs: 2 ** 30, signal: ending.signal });
    ending.abort();
    await waiting;
    await backOff(30, { retryCapMs: 2 ** 30, signal: ending.signal });
  });
});
