import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnusableFolderError } from './folder';
import { isHeld, lockFolder } from './folder-lock';

// Abstract sockets exist on Linux only; ports everywhere.
const platforms =
  process.platform === 'linux' ? (['linux', 'darwin'] as const) : (['darwin'] as const);

describe.each(platforms)('the folder lock, as on %s', (platform) => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'event-store-lock-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('lets one in, and the next when it has left', async () => {
    const first = await lockFolder(folder, platform);
    const second = lockFolder(folder, platform);
    await expect(second).rejects.toThrow(UnusableFolderError);
    await expect(second).rejects.toThrow(/is in use by another event store: stop it first/);
    await first.release();
    const third = await lockFolder(folder, platform);
    await third.release();
  });

  it('tells whether it is held, and takes nothing for that', async () => {
    expect(await isHeld(folder, platform)).toBe(false);
    const lock = await lockFolder(folder, platform);
    expect(await isHeld(folder, platform)).toBe(true);
    await lock.release();
    expect(await isHeld(folder, platform)).toBe(false);
  });

  it('knows a folder by what it is, not by its path', async () => {
    const other = `${folder}-link`;
    symlinkSync(folder, other);
    const lock = await lockFolder(folder, platform);
    try {
      await expect(lockFolder(other, platform)).rejects.toThrow(UnusableFolderError);
    } finally {
      await lock.release();
      rmSync(other);
    }
  });
});
