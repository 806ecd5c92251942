import { createReceiptKeys, rotateReceiptKeys } from '@app/receipts';

/**
 * Makes the key file that `RECEIPT_KEY_FILE` names, readable by its owner alone.
 *
 * @throws Error when there is one already: what it signed could not be verified any more
 */
export async function makeReceiptKeys(path: string): Promise<void> {
  try {
    await createReceiptKeys(path);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const reason = code === 'EEXIST' ? 'there is a file of that name already' : message;
    throw new Error(`No key file was made at ${path}: ${reason}`, { cause: error });
  }
}

/**
 * Adds a key to the file, which signs from the next start of each api process on.
 *
 * @returns its `kid`
 * @throws ReceiptKeyFileError
 */
export function addReceiptKey(path: string): Promise<string> {
  return rotateReceiptKeys(path);
}
