import { RecentIds } from './recent-ids';

describe('the memory of recent ids', () => {
  it('knows an id in its own stream only', () => {
    const recent = new RecentIds();
    recent.remember({ id: 'a', stream: 'one', revision: 4 });
    expect(recent.revisionOf('one', 'a')).toBe(4);
    expect(recent.revisionOf('two', 'a')).toBeUndefined();
  });

  it('forgets the oldest beyond its capacity', () => {
    const recent = new RecentIds(2);
    recent.remember({ id: 'a', stream: 's', revision: 0 });
    recent.remember({ id: 'b', stream: 's', revision: 1 });
    recent.remember({ id: 'a', stream: 's', revision: 2 });
    recent.remember({ id: 'c', stream: 's', revision: 3 });
    expect(['a', 'b', 'c'].map((id) => recent.revisionOf('s', id))).toEqual([2, undefined, 3]);
  });

  it('takes an id in as fast when it forgets one for it as when it is empty', () => {
    const capacity = 50_000;
    const recent = new RecentIds(capacity);
    const filling = processorTime(() => takeIn(recent, { from: 0, to: capacity }));
    const forgetting = processorTime(() => takeIn(recent, { from: capacity, to: 2 * capacity }));
    // Thirtyfold, when the oldest was looked for each time.
    expect(forgetting).toBeLessThan(10 * filling);
  });
});

function takeIn(recent: RecentIds, { from, to }: { from: number; to: number }): void {
  for (let revision = from; revision < to; revision += 1) {
    recent.remember({ id: `id-${revision}`, stream: 's', revision });
  }
}

/** In microseconds. */
function processorTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
