import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** A folder of keys that can't be used; `message` is one line that says what to do. */
export class CopyKeysError extends Error {}

/** The key of one copy of one token. */
export interface CopyKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

const fileName = /^copy-[0-9a-f]{32}$/;

/**
 * Keys that seal one token each, a file each in a folder outside of the database: with its file, a
 * key is destroyed, and what it sealed with it, in every backup of the database too.
 */
export class CopyKeys {
  private constructor(private readonly folder: string) {}

  /**
   * Makes the folder when only that is missing.
   *
   * @throws CopyKeysError when it can't be used, or others can look into it
   */
  static in(folder: string): CopyKeys {
    try {
      mkdirSync(folder, { mode: 0o700 });
    } catch (error) {
      const { code } = error as { code?: string };
      if (code !== 'EEXIST') {
        throw new CopyKeysError(`${folder} can't be made (${code}): see REVOCATION_KEYS_DIR`);
      }
    }
    const stats = statSync(folder);
    if (!stats.isDirectory()) {
      throw new CopyKeysError(`${folder} is no folder: see REVOCATION_KEYS_DIR`);
    }
    if ((stats.mode & 0o077) !== 0) {
      throw new CopyKeysError(`${folder} can be looked into by others: chmod 700 it`);
    }
    return new CopyKeys(folder);
  }

  /** A fresh key; on disk, after a power cut too, when this returns. */
  make(): CopyKey {
    const key = { id: `copy-${randomBytes(16).toString('hex')}`, key: randomBytes(32) };
    const path = join(this.folder, key.id);
    writeFileSync(path, key.key, { mode: 0o600, flag: 'wx', flush: true });
    this.flush();
    return key;
  }

  /** undefined when it was destroyed, or never was here. */
  find(id: string): Buffer | undefined {
    try {
      return readFileSync(this.pathOf(id));
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Gone, after a power cut too, when this returns. Nothing when it is gone already. */
  destroy(id: string): void {
    rmSync(this.pathOf(id), { force: true });
    this.flush();
  }

  /**
   * The keys that are there for a while.
   *
   * @param olderThanMs of the clock of the files
   */
  list(olderThanMs: number): string[] {
    const before = Date.now() - olderThanMs;
    const isOld = (id: string): boolean => {
      const stats = statSync(join(this.folder, id), { throwIfNoEntry: false });
      return stats !== undefined && stats.mtimeMs < before;
    };
    return readdirSync(this.folder).filter((name) => fileName.test(name) && isOld(name));
  }

  /** An id comes from a row: it must not lead out of the folder. */
  private pathOf(id: string): string {
    if (!fileName.test(id)) throw new Error('no key of a copy has such an id');
    return join(this.folder, id);
  }

  private flush(): void {
    const folder = openSync(this.folder, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }
}
