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
});
