import type { Platform } from '@app/domain';
import { grantProviderOf } from '@app/domain';
import type { Keyring } from '@app/token-vault';

/**
 * HMAC of who granted access on whose login: equal for all channels of one grant, and naming
 * nobody.
 *
 * @param grantSubject the platform's id of the person
 */
export function grantRefOf(keyring: Keyring, platform: Platform, grantSubject: string): string {
  return keyring.fingerprint('grant', `${grantProviderOf(platform)}|${grantSubject}`);
}
