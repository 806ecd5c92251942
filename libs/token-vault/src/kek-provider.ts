/** A key-encryption key: wraps data keys, and never anything else. */
export interface Kek {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

/** What may be told of a key-encryption key. */
export interface KekInfo {
  readonly id: string;
  readonly createdAt: Date;
  /** null: it is the one that seals. */
  readonly retiredAt: Date | null;
}

/**
 * Where key-encryption keys live: never in the database. Whoever changes them holds the lock of
 * `keks-lock.ts`; whoever only asks is answered with what the last change has left, also when
 * another process made it.
 */
export abstract class KekProvider {
  /** The key that seals. */
  abstract active(): Promise<Kek>;

  /** undefined when it was destroyed, or never was here. */
  abstract find(id: string): Promise<Kek | undefined>;

  /** Every key that there is, the oldest first. */
  abstract list(): Promise<readonly KekInfo[]>;

  /** Makes a key that seals from now on; the former one is retired and opens what it sealed. */
  abstract rotate(now: Date): Promise<KekInfo>;

  /**
   * Destroys a retired key: what it still wraps is lost with it. Nothing when it is gone already.
   *
   * @throws Error for the key that seals
   */
  abstract destroy(id: string): Promise<void>;
}
