import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { identify, isAlive, untilGone } from './process-identity';

describe('a process identity', () => {
  it('recognises a process as long as it runs', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
    const identity = identify(child.pid!)!;
    expect(identity).toEqual(identify(child.pid!));
    expect(isAlive(identity)).toBe(true);

    child.stdin.end();
    await once(child, 'exit');
    await untilGone(identity);
    expect(identify(child.pid!)).toBeUndefined();
  });

  it('does not take another process of the same number for it', () => {
    const ours = identify(process.pid)!;
    expect(isAlive(ours)).toBe(true);
    expect(isAlive({ ...ours, started: 'before the last boot' })).toBe(false);
  });

  it('is not there for a number that nobody has', () => {
    expect(identify(2 ** 30)).toBeUndefined();
  });
});
