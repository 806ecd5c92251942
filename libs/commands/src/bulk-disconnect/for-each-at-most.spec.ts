import { forEachAtMost } from './for-each-at-most';

describe('forEachAtMost', () => {
  it('works on all, in their order, on never more than so many at the same time', async () => {
    const items = Array.from({ length: 20 }, (_, index) => index);
    const begun: number[] = [];
    let [busy, busiest] = [0, 0];
    await forEachAtMost(3, items, async (item) => {
      begun.push(item);
      busiest = Math.max(busiest, ++busy);
      // Items of different lengths, so that the workers don't keep step.
      for (let turns = item % 4; turns >= 0; turns--) await Promise.resolve();
      busy--;
    });
    expect(begun).toEqual(items);
    expect([busiest, busy]).toEqual([3, 0]);
  });

  it('takes fewer items than that', async () => {
    const seen: string[] = [];
    await forEachAtMost(3, ['one'], async (item) => void seen.push(item));
    expect(seen).toEqual(['one']);
  });
});
