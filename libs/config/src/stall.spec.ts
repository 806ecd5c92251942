import type { Progress } from './stall';
import { Stalled, StallWatch, unlessStalled } from './stall';

const at = (place: string, position: string, waiting = true): Progress => ({
  place,
  at: position,
  waiting,
});

describe('A stall', () => {
  let now: number;
  let watch: StallWatch;
  const after = (ms: number, ...progress: Progress[]): number | undefined => {
    now += ms;
    return watch.observe(progress)?.forMs;
  };
  beforeEach(() => {
    now = 0;
    watch = new StallWatch(() => now);
    after(0, at('a', '1'));
  });

  it('is as long as something waits and nothing moves', () => {
    expect(after(10, at('a', '1'))).toBe(10);
    expect(after(20, at('a', '1'))).toBe(30);
  });

  it('is none when it moves, if only a little', () => {
    expect(after(10, at('a', '2'))).toBe(0);
    expect(after(10, at('a', '2'))).toBe(10);
  });

  it('is none when nothing waits, and begins anew with what waits later', () => {
    expect(after(10, at('a', '1', false))).toBeUndefined();
    expect(after(10, at('a', '1'))).toBe(0);
  });

  it('is none of ours when somebody else follows it meanwhile', () => {
    expect(after(10)).toBeUndefined();
    expect(after(10, at('a', '1'))).toBe(0);
  });

  it('begins anew when an engine did not answer', () => {
    watch.reset();
    expect(after(10, at('a', '1'))).toBe(0);
  });

  it('is the longest of several', () => {
    after(10, at('a', '1'), at('b', '1'));
    now += 5;
    expect(watch.observe([at('b', '1'), at('a', '1')])).toEqual({
      progress: at('a', '1'),
      forMs: 15,
    });
  });
});

describe('Work that is watched', () => {
  const options = {
    name: 'relay',
    stallAfterMs: 30,
    signal: new AbortController().signal,
    observe: () => Promise.resolve([at('$all', '7')]),
  };
  const forEver = new Promise<never>(() => undefined);

  it('ends with one line when it stands still', async () => {
    await expect(unlessStalled(forEver, options)).rejects.toThrow(Stalled);
    await expect(unlessStalled(forEver, options)).rejects.toThrow(
      /^The relay has stood still at 7 of \$all for \d+ s, with work waiting, although every engine answers$/,
    );
  });

  it('ends as the work does', async () => {
    expect(await unlessStalled(Promise.resolve('done'), options)).toBe('done');
    const failing = Promise.reject(new Error('broken'));
    await expect(unlessStalled(failing, options)).rejects.toThrow('broken');
  });

  it('goes on while an engine is away', async () => {
    let asked = 0;
    let finish = (_: string): void => undefined;
    const work = new Promise<string>((resolve) => (finish = resolve));
    const observe = (): Promise<never> => {
      if (++asked === 20) finish('done');
      return Promise.reject(new Error('away'));
    };
    expect(await unlessStalled(work, { ...options, observe })).toBe('done');
  });
});
