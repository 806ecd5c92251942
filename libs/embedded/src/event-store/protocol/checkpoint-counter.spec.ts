import { CheckpointCounter } from './checkpoint-counter';

/** Which of the first `count` considered events are followed by a checkpoint, from 1. */
function dueAfter(counter: CheckpointCounter, count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1).filter(() => counter.consider());
}

describe('checkpoints of a filtered subscription', () => {
  it.each([
    [1, [1, 2, 3, 4]],
    [3, [3]],
    [4, [4]],
    [5, []],
  ])('come after every %d considered events', (interval, due) => {
    expect(dueAfter(new CheckpointCounter(interval), 4)).toEqual(due);
  });

  it('come again and again', () => {
    expect(dueAfter(new CheckpointCounter(32), 100)).toEqual([32, 64, 96]);
  });

  it('are counted anew once live', () => {
    const counter = new CheckpointCounter(32);
    dueAfter(counter, 20);
    counter.goLive();
    expect(dueAfter(counter, 33)).toEqual([32]);
  });

  it('come on going live, but not twice at one place', () => {
    const counter = new CheckpointCounter(32);
    const due = [0, 1, 31, 32].map((count) => {
      dueAfter(counter, count);
      return counter.goLive();
    });
    expect(due).toEqual([false, true, true, false]);
  });
});
