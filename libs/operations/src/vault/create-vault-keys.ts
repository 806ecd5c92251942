import { Keyring } from '@app/token-vault';
import type { Change } from '../changes/change';
import { creatingFile } from '../changes/creating-file';

/**
 * The key file that `VAULT_KEY_FILE` names, readable by its owner alone. Refused where there is one:
 * what was sealed under it would be lost.
 */
export function creatingVaultKeys(path: string): Change<void> {
  return creatingFile(path, async () => Keyring.create(path));
}
