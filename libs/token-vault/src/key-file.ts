import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** The key file as JSON; every key is 32 bytes in base64, every time ISO 8601 UTC. */
export interface KeyFile {
  /** The id of the key that seals. */
  readonly active: string;
  /** Key-encryption keys by id; a retired one stays until it is destroyed. */
  readonly keys: Readonly<Record<string, StoredKek>>;
  /** Makes fingerprints; it never changes, or they'd stop matching. */
  readonly fingerprintKey: string;
}

export interface StoredKek {
  readonly key: string;
  readonly createdAt: string;
  readonly retiredAt: string | null;
}

/** A key file that can't be used; `message` is one line that says what to do. */
export class KeyFileError extends Error {}

/** A key file with fresh keys. */
export function freshKeyFile(now: Date): KeyFile {
  const [id, kek] = freshKek(now);
  return { active: id, keys: { [id]: kek }, fingerprintKey: freshKey() };
}

/** A fresh key-encryption key with its id. */
export function freshKek(now: Date): [id: string, kek: StoredKek] {
  const id = `kek-${randomBytes(8).toString('hex')}`;
  return [id, { key: freshKey(), createdAt: now.toISOString(), retiredAt: null }];
}

/**
 * @throws KeyFileError when the file is missing, readable by others, or not a key file; it shows
 *   nothing of what is in it
 */
export function readKeyFile(path: string): KeyFile {
  try {
    const others = statSync(path).mode & 0o077;
    if (others !== 0) throw new KeyFileError(`${path} can be read by others: chmod 600 it`);
    return checked(path, JSON.parse(readFileSync(path, 'utf8')) as Partial<KeyFile> | null);
  } catch (error) {
    if (error instanceof KeyFileError) throw error;
    const reason = (error as { code?: string }).code ?? 'not JSON';
    throw new KeyFileError(
      `The key file ${path} can't be read (${reason}): see VAULT_KEY_FILE, or make one with npm run ops -- vault create-keys <path>`,
    );
  }
}

/**
 * Writes a key file for its owner alone. A reader finds the former one or this one, never a part,
 * and after a power cut too: flushed before the rename, and the folder after it.
 */
export function replaceKeyFile(path: string, file: KeyFile): void {
  const draft = `${path}.${randomBytes(4).toString('hex')}.draft`;
  try {
    writeFileSync(draft, contentOf(file), { mode: 0o600, flag: 'wx', flush: true });
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Writes the first key file; fails if there is one: what it sealed would be lost. */
export function createKeyFile(path: string, file: KeyFile): void {
  writeFileSync(path, contentOf(file), { mode: 0o600, flag: 'wx', flush: true });
}

/** A key of a file as bytes. */
export function decodeKey(path: string, text: unknown): Buffer {
  const key = typeof text === 'string' ? Buffer.from(text, 'base64') : Buffer.alloc(0);
  if (key.length !== 32) throw new KeyFileError(`${path} holds a key that isn't 32 bytes`);
  return key;
}

function checked(path: string, file: Partial<KeyFile> | null): KeyFile {
  if (!file?.active || !file.keys) throw new KeyFileError(`${path} holds no keys`);
  for (const kek of Object.values(file.keys)) {
    decodeKey(path, kek?.key);
    const times = [kek.createdAt, ...(kek.retiredAt === null ? [] : [kek.retiredAt])];
    if (times.some((time) => Number.isNaN(Date.parse(time)))) {
      throw new KeyFileError(`${path} holds a key without its times`);
    }
  }
  if (!file.keys[file.active]) throw new KeyFileError(`${path} has no key named ${file.active}`);
  decodeKey(path, file.fingerprintKey);
  return file as KeyFile;
}

function contentOf(file: KeyFile): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}

function freshKey(): string {
  return randomBytes(32).toString('base64');
}
