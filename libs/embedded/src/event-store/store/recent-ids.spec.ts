import { RecentIds } from './recent-ids';

describe('the memory of recent ids', () => {
  const known = (recent: RecentIds, ids: readonly string[]) =>
    ids.map((id) => recent.revisionOf('s', id));

  it('knows an id in its own stream only', () => {
    const recent = new RecentIds();
    recent.remember('a', { stream: 'one', revision: 4 });
    expect(recent.revisionOf('one', 'a')).toBe(4);
    expect(recent.revisionOf('two', 'a')).toBeUndefined();
  });

  it('knows the latest, and of a repeated id the latest place', () => {
    const recent = new RecentIds(2);
    ['a', 'b', 'a', 'c'].forEach((id, revision) => recent.remember(id, { stream: 's', revision }));
    expect(known(recent, ['a', 'c'])).toEqual([2, 3]);
  });

  it('forgets what is older than twice its capacity', () => {
    const recent = new RecentIds(2);
    const ids = ['a', 'b', 'c', 'd', 'e'];
    ids.forEach((id, revision) => recent.remember(id, { stream: 's', revision }));
    expect(known(recent, ids)).toEqual([undefined, undefined, 2, 3, 4]);
  });

  it('knows nothing without a capacity', () => {
    const recent = new RecentIds(0);
    recent.remember('a', { stream: 's', revision: 0 });
    expect(known(recent, ['a'])).toEqual([undefined]);
  });

  it('takes an id in as fast when it has forgotten many as when it is empty', () => {
    const count = 50_000;
    const recent = new RecentIds();
    const first = processorTime(() => takeIn(recent, { from: 0, to: count }));
    const later = processorTime(() => takeIn(recent, { from: count, to: 2 * count }));
    // Thirtyfold, when the oldest was looked for each time.
    expect(later).toBeLessThan(10 * first);
  });
});

function takeIn(recent: RecentIds, { from, to }: { from: number; to: number }): void {
  for (let revision = from; revision < to; revision += 1) {
    recent.remember(`id-${revision}`, { stream: 's', revision });
  }
}

/** In microseconds. */
function processorTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
