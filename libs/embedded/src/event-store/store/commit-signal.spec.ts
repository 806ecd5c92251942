import { CommitSignal } from './commit-signal';

describe('the commit signal', () => {
  it('wakes everyone who waits, once', async () => {
    const signal = new CommitSignal();
    const woken: string[] = [];
    const never = new AbortController().signal;
    const both = Promise.all([
      signal.next(never).then(() => woken.push('first')),
      signal.next(never).then(() => woken.push('second')),
    ]);
    signal.notify();
    signal.notify();
    await both;
    expect(woken).toEqual(['first', 'second']);
  });

  it('lets a waiter go that is no longer interested', async () => {
    const leaving = new AbortController();
    const waiting = new CommitSignal().next(leaving.signal);
    leaving.abort();
    await expect(waiting).resolves.toBeUndefined();
  });

  it('does not let one wait that left before', async () => {
    await expect(new CommitSignal().next(AbortSignal.abort())).resolves.toBeUndefined();
  });
});
