import { createHmac } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Kek, KekInfo } from './kek-provider';
import { KekProvider } from './kek-provider';
import type { KeyFile } from './key-file';
import {
  createKeyFile,
  decodeKey,
  freshKek,
  freshKeyFile,
  KeyFileError,
  readKeyFile,
  replaceKeyFile,
} from './key-file';

/**
 * The keys of a key file that several processes share. Each use looks whether another process has
 * replaced the file, so that a rotation reaches all without a restart.
 */
export class Keyring extends KekProvider {
  private constructor(
    private readonly path: string,
    private file: KeyFile,
    /** Which file it was read from: a replaced one has another. */
    private readFrom: string,
  ) {
    super();
  }

  /**
   * @throws KeyFileError when the file is missing, readable by others, or not a key file
   */
  static fromFile(path: string): Keyring {
    // Looked at before it is read: replaced in between, it is read once more, and never too seldom.
    const identity = identityOf(path);
    return new Keyring(path, readKeyFile(path), identity);
  }

  /** Makes a key file with fresh keys, readable by its owner alone; fails if it exists. */
  static create(path: string): void {
    createKeyFile(path, freshKeyFile(new Date()));
  }

  /** The id of the key that seals. */
  get activeId(): string {
    return this.current().active;
  }

  /** A key-encryption key, 32 bytes; undefined when it was destroyed. */
  key(id: string): Buffer | undefined {
    const { keys } = this.current();
    return Object.hasOwn(keys, id) ? decodeKey(this.path, keys[id]!.key) : undefined;
  }

  async active(): Promise<Kek> {
    const { active, keys } = this.current();
    return { id: active, key: decodeKey(this.path, keys[active]!.key) };
  }

  async find(id: string): Promise<Kek | undefined> {
    const key = this.key(id);
    return key && { id, key };
  }

  async list(): Promise<readonly KekInfo[]> {
    return Object.entries(this.current().keys)
      .map(([id, { createdAt, retiredAt }]) => ({
        id,
        createdAt: new Date(createdAt),
        retiredAt: retiredAt === null ? null : new Date(retiredAt),
      }))
      .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  }

  async rotate(now: Date): Promise<KekInfo> {
    const file = this.current();
    const [id, kek] = freshKek(now);
    const former = { ...file.keys[file.active]!, retiredAt: now.toISOString() };
    this.replace({ ...file, active: id, keys: { ...file.keys, [file.active]: former, [id]: kek } });
    return { id, createdAt: now, retiredAt: null };
  }

  async destroy(id: string): Promise<void> {
    const file = this.current();
    if (id === file.active) throw new Error(`${id} is the key that seals: it can't be destroyed`);
    const { [id]: destroyed, ...keys } = file.keys;
    if (destroyed) this.replace({ ...file, keys });
  }

  /**
   * HMAC-SHA-256 in hex: tells equals from each other without telling what they are.
   *
   * @param purpose keeps the fingerprints of different things apart
   */
  fingerprint(purpose: 'grant' | 'request', text: string): string {
    const key = decodeKey(this.path, this.current().fingerprintKey);
    return createHmac('sha256', key).update(`${purpose}\0${text}`).digest('hex');
  }

  private current(): KeyFile {
    const identity = identityOf(this.path);
    if (identity !== this.readFrom) {
      this.file = readKeyFile(this.path);
      this.readFrom = identity;
    }
    return this.file;
  }

  private replace(file: KeyFile): void {
    replaceKeyFile(this.path, file);
    this.file = file;
    this.readFrom = identityOf(this.path);
  }
}

/** Changes with every replacement: by rename it is another inode, in place another time. */
function identityOf(path: string): string {
  try {
    const { dev, ino, mtimeNs, ctimeNs, size } = statSync(path, { bigint: true });
    return [dev, ino, mtimeNs, ctimeNs, size].join(':');
  } catch (error) {
    const { code } = error as { code?: string };
    throw new KeyFileError(`The key file ${path} can't be read (${code}): see VAULT_KEY_FILE`);
  }
}
