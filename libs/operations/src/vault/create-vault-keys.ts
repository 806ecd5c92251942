import { Keyring } from '@app/token-vault';

/**
 * Makes the key file that `VAULT_KEY_FILE` names, readable by its owner alone.
 *
 * @throws Error when there is one already: what was sealed under it would be lost
 */
export function createVaultKeys(path: string): void {
  try {
    Keyring.create(path);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const reason = code === 'EEXIST' ? 'there is a file of that name already' : message;
    throw new Error(`No key file was made at ${path}: ${reason}`, { cause: error });
  }
}
