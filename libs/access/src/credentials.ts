import { createHash, randomInt } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** `pb_live_` speaks for a user on the public API, `pb_svc_` for a service on the internal one. */
export type CredentialPrefix = 'pb_live_' | 'pb_svc_';

/** A credential just made. The secret exists nowhere else: only its hash is stored. */
export interface MintedCredential {
  readonly id: string;
  /** To be shown once. */
  readonly secret: string;
  /** The 8 characters after the marker: how people tell keys apart. */
  readonly prefix: string;
}

/** A new secret: 32 characters of 62, 190 bits. */
export function mintSecret(marker: CredentialPrefix): { secret: string; prefix: string } {
  const random = Array.from({ length: 32 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return { secret: marker + random, prefix: random.slice(0, 8) };
}

/** Whether a text has the form of a credential of that kind. */
export function isSecret(marker: CredentialPrefix, text: string): boolean {
  return text.startsWith(marker) && /^[A-Za-z0-9]{32}$/.test(text.slice(marker.length));
}

/** What is stored of a secret. It is random, so a slow hash would add nothing. */
export function secretHash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
