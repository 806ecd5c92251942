import { readFileSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Kinds of file systems in memory: `statfs`'s f_type of tmpfs and ramfs. */
const IN_MEMORY = [0x01021994, 0x858458f6];
const SECTOR_BYTES = 512;

/** @returns a folder for temporary files whose files reach a disk, which not every `/tmp` is */
export function folderOnDisk(): string {
  const onDisk = [tmpdir(), '/var/tmp', process.cwd()].find(
    (folder) => !IN_MEMORY.includes(statfsSync(folder).type),
  );
  if (onDisk) return onDisk;
  throw new Error('Nothing here lies on a disk: set TMPDIR to a folder that does');
}

/**
 * Tells what a disk has *finished* writing: the kernel counts a write when the device has done it,
 * not when it is asked for. Of a file system that names no device of its own, as overlayfs, the
 * device that wrote most.
 */
export class DiskWrites {
  private readonly device: string;
  private before = new Map<string, number>();

  constructor(folder: string) {
    const { dev } = statSync(folder);
    this.device = `${(dev >> 8) & 0xfff} ${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
    this.begin();
  }

  begin(): void {
    this.before = bytesWritten();
  }

  /** @returns bytes since {@link begin} */
  finished(): number {
    const grown = [...bytesWritten()].map(([device, bytes]) => ({
      device,
      bytes: bytes - (this.before.get(device) ?? 0),
    }));
    const own = grown.find(({ device }) => device === this.device);
    return own?.bytes ?? Math.max(...grown.map(({ bytes }) => bytes));
  }
}

/** Linux's, which needs no rights. https://docs.kernel.org/admin-guide/iostats.html */
function bytesWritten(): Map<string, number> {
  const lines = readFileSync('/proc/diskstats', 'utf8').trim().split('\n');
  return new Map(
    lines.map((line) => {
      const fields = line.trim().split(/\s+/);
      return [`${fields[0]} ${fields[1]}`, Number(fields[9]) * SECTOR_BYTES];
    }),
  );
}
