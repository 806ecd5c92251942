import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';

/** The key file as JSON; every key is 32 bytes in base64. */
interface KeyFile {
  /** The id of the key that seals. */
  readonly active: string;
  /** Key-encryption keys by id; a retired one stays until every row is rewrapped. */
  readonly keys: Readonly<Record<string, string>>;
  /** Makes fingerprints; it never changes, or they'd stop matching. */
  readonly fingerprintKey: string;
}

/** A key file that can't be used; `message` is one line that says what to do. */
export class KeyFileError extends Error {}

/** The keys that seal tokens. They live in a file, never in the database. */
export class Keyring {
  private constructor(
    private readonly keys: ReadonlyMap<string, Buffer>,
    /** The id of the key that seals. */
    readonly activeId: string,
    private readonly fingerprintKey: Buffer,
  ) {}

  /**
   * @throws KeyFileError when the file is missing, readable by others, or not a key file
   */
  static fromFile(path: string): Keyring {
    const { active, keys, fingerprintKey } = readKeyFile(path);
    const decoded = new Map(Object.entries(keys).map(([id, key]) => [id, decodeKey(path, key)]));
    if (!decoded.has(active)) throw new KeyFileError(`${path} has no key named ${active}`);
    return new Keyring(decoded, active, decodeKey(path, fingerprintKey));
  }

  /** Makes a key file with fresh keys, readable by its owner alone; fails if it exists. */
  static create(path: string): void {
    const active = `kek-${randomBytes(4).toString('hex')}`;
    const fresh = (): string => randomBytes(32).toString('base64');
    const file: KeyFile = { active, keys: { [active]: fresh() }, fingerprintKey: fresh() };
    writeFileSync(path, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  }

  /** A key-encryption key, 32 bytes; undefined when it was destroyed. */
  key(id: string): Buffer | undefined {
    return this.keys.get(id);
  }

  /**
   * HMAC-SHA-256 in hex: tells equals from each other without telling what they are.
   *
   * @param purpose keeps the fingerprints of different things apart
   */
  fingerprint(purpose: 'grant' | 'request', text: string): string {
    return createHmac('sha256', this.fingerprintKey).update(`${purpose}\0${text}`).digest('hex');
  }
}

function readKeyFile(path: string): KeyFile {
  try {
    const others = statSync(path).mode & 0o077;
    if (others !== 0) throw new KeyFileError(`${path} can be read by others: chmod 600 it`);
    const file = JSON.parse(readFileSync(path, 'utf8')) as Partial<KeyFile> | null;
    if (!file?.active || !file.keys) throw new KeyFileError(`${path} holds no keys`);
    return file as KeyFile;
  } catch (error) {
    if (error instanceof KeyFileError) throw error;
    const reason = (error as { code?: string }).code ?? 'not JSON';
    throw new KeyFileError(`The key file ${path} can't be read (${reason}): see VAULT_KEY_FILE`);
  }
}

function decodeKey(path: string, text: unknown): Buffer {
  const key = typeof text === 'string' ? Buffer.from(text, 'base64') : Buffer.alloc(0);
  if (key.length !== 32) throw new KeyFileError(`${path} holds a key that isn't 32 bytes`);
  return key;
}
