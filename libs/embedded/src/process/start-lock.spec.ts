import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withStartLock } from './start-lock';

describe('withStartLock', () => {
  let runFolder: string;

  beforeEach(() => {
    runFolder = mkdtempSync(join(tmpdir(), 'start-lock-'));
  });
  afterEach(() => rmSync(runFolder, { recursive: true }));

  const lockFor = (start: () => Promise<string>) => withStartLock(runFolder, 'kafka', start);

  it('refuses a second start until the first has ended, well or not', async () => {
    await lockFor(async () => {
      await expect(lockFor(() => Promise.resolve('second'))).rejects.toThrow(
        `The embedded kafka is just being started on this data folder by process ${process.pid}`,
      );
      return 'first';
    });
    const failing = () => Promise.reject<string>(new Error('cut short'));
    await expect(lockFor(failing)).rejects.toThrow('cut short');
    expect(await lockFor(() => Promise.resolve('third'))).toBe('third');
    expect(readdirSync(runFolder)).toEqual([]);
  });

  it('passes over the lock of a process that died', async () => {
    const dead = { pid: 2 ** 30, started: 'long ago' };
    writeFileSync(join(runFolder, 'starting'), JSON.stringify(dead));
    expect(await lockFor(() => Promise.resolve('started'))).toBe('started');
  });
});
