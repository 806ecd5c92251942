import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** A secret sealed under a data key of its own, and that data key wrapped by the KEK. */
export interface Envelope {
  /** nonce (12 bytes) | tag (16) | ciphertext of the data key. */
  readonly wrappedKey: Buffer;
  /** nonce (12 bytes) | tag (16) | ciphertext of the secret. */
  readonly sealed: Buffer;
}

/** What an envelope is bound to: opened for anything else, it fails. */
export interface EnvelopeBinding {
  readonly workspaceId: string;
  readonly channelId: string;
  readonly version: number;
}

/**
 * Seals with AES-256-GCM (NIST SP 800-38D) under a fresh data key, both layers authenticated with
 * workspace | channel | version. A data key seals once, so its nonce can't repeat.
 *
 * @param kek 32 bytes
 */
export function sealEnvelope(kek: Buffer, binding: EnvelopeBinding, secret: Buffer): Envelope {
  const dataKey = randomBytes(32);
  const bound = boundTo(binding);
  const envelope = {
    wrappedKey: encrypt(kek, dataKey, bound),
    sealed: encrypt(dataKey, secret, bound),
  };
  dataKey.fill(0);
  return envelope;
}

/**
 * @throws Error when the envelope was made with another KEK or for another binding, or was
 *   tampered with; GCM doesn't tell which
 */
export function openEnvelope(kek: Buffer, binding: EnvelopeBinding, envelope: Envelope): Buffer {
  const bound = boundTo(binding);
  const dataKey = decrypt(kek, envelope.wrappedKey, bound);
  const secret = decrypt(dataKey, envelope.sealed, bound);
  dataKey.fill(0);
  return secret;
}

/**
 * The data key of an envelope under another KEK; the secret itself isn't touched.
 *
 * @throws Error like {@link openEnvelope}
 */
export function rewrapKey(
  from: Buffer,
  to: Buffer,
  binding: EnvelopeBinding,
  wrappedKey: Buffer,
): Buffer {
  const bound = boundTo(binding);
  const dataKey = decrypt(from, wrappedKey, bound);
  const rewrapped = encrypt(to, dataKey, bound);
  dataKey.fill(0);
  return rewrapped;
}

function boundTo({ workspaceId, channelId, version }: EnvelopeBinding): Buffer {
  return Buffer.from(`${workspaceId}|${channelId}|${version}`);
}

function encrypt(key: Buffer, plain: Buffer, bound: Buffer): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound);
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]);
}

function decrypt(key: Buffer, box: Buffer, bound: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, 12), { authTagLength: 16 })
    .setAAD(bound)
    .setAuthTag(box.subarray(12, 28));
  return Buffer.concat([decipher.update(box.subarray(28)), decipher.final()]);
}
