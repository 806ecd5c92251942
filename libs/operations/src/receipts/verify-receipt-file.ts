import { readFileSync } from 'node:fs';
import type { Verification } from '@app/receipts';
import { verifyReceipt } from '@app/receipts';

/**
 * Holds a receipt in a file against public keys in another, without any network.
 *
 * @throws Error with one readable line when a file can't be read or is no JSON
 */
export function verifyReceiptFile(receiptPath: string, keysPath: string): Promise<Verification> {
  return verifyReceipt(readJson(receiptPath), readJson(keysPath));
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = (error as { code?: string }).code ?? 'not JSON';
    throw new Error(`${path} can't be read: ${reason}`, { cause: error });
  }
}
