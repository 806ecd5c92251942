import type { DataSource } from 'typeorm';
import { RateLimits } from '@app/access';
import { Settings } from '@app/config';
import { useTestBed } from '@app/testing';

const minute = 60_000;
const quarter = 15 * minute;

describe('The limits of a key, as they are unless set', () => {
  const bed = useTestBed();
  let dataSource: DataSource;
  let limits: RateLimits;
  beforeAll(async () => {
    dataSource = await bed.dataSource();
    limits = new RateLimits(dataSource, new Settings());
  });
  afterEach(() => jest.restoreAllMocks());

  /** Asks so many times, one after the other; answers what each was told to wait. */
  async function ask(key: string, times: number): Promise<number[]> {
    const waits: number[] = [];
    for (let n = 0; n < times; n++) waits.push(await limits.count(key));
    return waits;
  }
  const allowed = (waits: readonly number[]): number => waits.filter((ms) => ms === 0).length;

  /** As if so many milliseconds of database time had passed. */
  async function pass(ms: number): Promise<void> {
    await dataSource.query(
      `UPDATE access.rate_limits SET expires_at = expires_at - $1 * interval '1 millisecond'`,
      [ms],
    );
  }

  it('are 60 requests in a minute, from the first of them on', async () => {
    expect(allowed(await ask('minute', 60))).toBe(60);
    await pass(minute - 20_000);
    const [wait] = await ask('minute', 1);
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(20_000);
    await pass(20_000);
    expect(allowed(await ask('minute', 61))).toBe(60);
  });

  it('are 1,000 in a quarter of an hour, refused ones not counted', async () => {
    for (let n = 0; n < 14; n++) {
      expect(allowed(await ask('quarter', 62))).toBe(60);
      await pass(minute);
    }
    // A window is fixed: 840 in the first 14 minutes leave 160, and not one more.
    expect(allowed(await ask('quarter', 60))).toBe(60);
    await dataSource.query(`DELETE FROM access.rate_limits WHERE key LIKE 'short:%'`);
    expect(allowed(await ask('quarter', 60))).toBe(60);
    await dataSource.query(`DELETE FROM access.rate_limits WHERE key LIKE 'short:%'`);
    const waits = await ask('quarter', 41);
    expect(allowed(waits)).toBe(40);
    expect(waits.at(-1)).toBeLessThanOrEqual(minute);
    await pass(quarter);
    expect(allowed(await ask('quarter', 1))).toBe(1);
  });

  it('are counted exactly when many ask at once', async () => {
    const waits = await Promise.all(Array.from({ length: 100 }, () => limits.count('crowd')));
    expect(allowed(waits)).toBe(60);
  });

  it("are each key's own", async () => {
    await ask('one', 61);
    expect(await ask('another', 1)).toEqual([0]);
  });

  it('are on database time, whatever the clock of the process shows', async () => {
    expect(allowed(await ask('skewed', 60))).toBe(60);
    const now = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(now + 10 * quarter);
    const [wait] = await ask('skewed', 1);
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(minute);
  });
});
