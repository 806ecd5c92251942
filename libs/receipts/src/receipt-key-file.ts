import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { JWK } from 'jose';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';

/** The only algorithm of ours: EdDSA over Ed25519 (RFC 8037). */
export const receiptAlgorithm = 'EdDSA';

/** The key file as JSON: private keys as JWKs (RFC 7517), the former ones beside the one that signs. */
export interface ReceiptKeyFile {
  /** The `kid` of the key that signs. */
  readonly signs: string;
  readonly keys: readonly (JWK & { readonly kid: string })[];
}

/** What anybody may have: the keys without their private parts. */
export interface ReceiptKeySet {
  readonly keys: readonly JWK[];
}

/** A key file that can't be used; `message` is one line that says what to do. */
export class ReceiptKeyFileError extends Error {}

const howToMake =
  'see RECEIPT_KEY_FILE, or make one with npm run ops -- receipts create-keys <path>';

/**
 * @throws ReceiptKeyFileError when the file is missing, readable by others, or not a key file; it
 *   shows nothing of what is in it
 */
export function readReceiptKeys(path: string): ReceiptKeyFile {
  try {
    if ((statSync(path).mode & 0o077) !== 0) {
      throw new ReceiptKeyFileError(`${path} can be read by others: chmod 600 it`);
    }
    return checked(path, JSON.parse(readFileSync(path, 'utf8')) as Partial<ReceiptKeyFile> | null);
  } catch (error) {
    if (error instanceof ReceiptKeyFileError) throw error;
    const reason = (error as { code?: string }).code ?? 'not JSON';
    throw new ReceiptKeyFileError(`The key file ${path} can't be read (${reason}): ${howToMake}`);
  }
}

/** Makes a key file with a fresh key, for its owner alone; fails if there is one. */
export async function createReceiptKeys(path: string): Promise<void> {
  const key = await freshKey();
  write(path, { signs: key.kid, keys: [key] });
}

/**
 * Adds a fresh key, which signs from the next start of each api process on. The former ones stay,
 * so that what they signed can be verified by the published set.
 *
 * @returns the `kid` of the new one
 */
export async function rotateReceiptKeys(path: string): Promise<string> {
  const file = readReceiptKeys(path);
  const key = await freshKey();
  const draft = `${path}.draft`;
  try {
    write(draft, { signs: key.kid, keys: [...file.keys, key] });
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  return key.kid;
}

/** The public half of a file's keys. */
export function publicKeysOf({ keys }: ReceiptKeyFile): ReceiptKeySet {
  return {
    keys: keys.map(({ kid, x }) => ({
      ...{ kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: receiptAlgorithm },
    })),
  };
}

async function freshKey(): Promise<JWK & { kid: string }> {
  const { privateKey } = await generateKeyPair(receiptAlgorithm, {
    crv: 'Ed25519',
    extractable: true,
  });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk) };
}

function write(path: string, file: ReceiptKeyFile): void {
  const content = `${JSON.stringify(file, null, 2)}\n`;
  writeFileSync(path, content, { mode: 0o600, flag: 'wx', flush: true });
}

function checked(path: string, file: Partial<ReceiptKeyFile> | null): ReceiptKeyFile {
  const { signs, keys = [] } = file ?? {};
  const areKeys = keys.every((key) => key.crv === 'Ed25519' && key.kid && key.x && key.d);
  if (!signs || !areKeys || !keys.some(({ kid }) => kid === signs)) {
    throw new ReceiptKeyFileError(`${path} holds no key that signs receipts: ${howToMake}`);
  }
  return { signs, keys };
}
