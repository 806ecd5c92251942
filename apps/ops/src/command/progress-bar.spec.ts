import { PassThrough } from 'node:stream';
import { progressBar } from './progress-bar';

/** Where somebody looks, and a clock that is set by hand. */
function watched({ isTTY = false } = {}) {
  const output = Object.assign(new PassThrough(), { isTTY });
  let ms = 1_000;
  return {
    output,
    now: () => ms,
    later: (by: number) => (ms += by),
    shown: () => String(output.read() ?? ''),
  };
}

describe('The progress of long work', () => {
  it('is a line every few seconds where there is no terminal', () => {
    const at = watched();
    const bar = progressBar({ what: 'channels', total: 10_000, ...at });
    at.later(1_000);
    bar.update(1_000);
    expect(at.shown()).toBe('');
    at.later(2_000);
    bar.update(3_000);
    expect(at.shown()).toBe('channels: 3000/10000, 1000 events/s, 7 s left\n');
    at.later(3_000);
    bar.update(12_000, 20_000);
    expect(at.shown()).toBe('channels: 12000/20000, 2000 events/s, 4 s left\n');
    bar.stop();
    expect(at.shown()).toBe('');
  });

  it('says at its end what it has not said yet, and how many there were without a total', () => {
    const at = watched();
    const bar = progressBar({ what: 'channels', ...at });
    at.later(500);
    bar.update(50);
    bar.stop();
    expect(at.shown()).toBe('channels: 50, 100 events/s\n');
  });

  it('is a bar with rate and time left on a terminal', () => {
    const at = watched({ isTTY: true });
    const bar = progressBar({ what: 'channels', total: 100, ...at });
    at.later(1_000);
    bar.update(50);
    bar.update(100);
    bar.stop();
    expect(at.shown()).toMatch(/channels \[=+\] 100% 100\/100, 100 events\/s, \S+ left/);
  });

  it('is a count on a terminal as long as nobody knows how many there are', () => {
    const at = watched({ isTTY: true });
    const bar = progressBar({ what: 'tokens', unit: 'channels', ...at });
    expect(at.shown()).toMatch(/tokens 0, 0 channels\/s/);
    at.later(1_000);
    bar.update(30, 60);
    bar.stop();
    expect(at.shown()).toMatch(/tokens \[=+-+\] 50% 30\/60, 30 channels\/s, /);
  });

  it('is nothing with --json', () => {
    const at = watched();
    const bar = progressBar({ what: 'channels', json: true, ...at });
    at.later(60_000);
    bar.update(1);
    bar.stop();
    expect(at.shown()).toBe('');
  });
});
