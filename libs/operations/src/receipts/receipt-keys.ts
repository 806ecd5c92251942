import { createReceiptKeys, readReceiptKeys, rotateReceiptKeys } from '@app/receipts';
import type { Change } from '../changes/change';
import { creatingFile } from '../changes/creating-file';

/**
 * The key file that `RECEIPT_KEY_FILE` names, readable by its owner alone. Refused where there is
 * one: what it signed could not be verified any more.
 */
export function creatingReceiptKeys(path: string): Change<void> {
  return creatingFile(path, () => createReceiptKeys(path));
}

/**
 * A key more in the file, which signs from the next start of each api process on; `apply` answers
 * its `kid`. Throws ReceiptKeyFileError where there is no such file.
 */
export function addingReceiptKey(path: string): Change<string> {
  return {
    preview: async () => {
      const { keys } = readReceiptKeys(path);
      return [`add a key that signs to the ${keys.length} in ${path}`];
    },
    apply: () => rotateReceiptKeys(path),
  };
}
