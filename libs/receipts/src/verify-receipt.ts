import { isDeepStrictEqual } from 'node:util';
import type { JSONWebKeySet } from 'jose';
import { compactVerify, createLocalJWKSet, errors } from 'jose';
import { receiptAlgorithm } from './receipt-key-file';
import { receiptType } from './receipt-signer';

/** What a receipt turned out to be. */
export type Verification =
  | { readonly isGenuine: true; readonly kid: string }
  | { readonly isGenuine: false; readonly reason: string };

/**
 * Holds a receipt against the published keys, with nothing else: no network, no store. Every field
 * has to be what was signed, none missing and none added.
 *
 * @param receipt as the API answered it
 * @param keys the JWKS of `/api/receipt-keys.json`
 */
export async function verifyReceipt(receipt: unknown, keys: unknown): Promise<Verification> {
  if (typeof receipt !== 'object' || receipt === null) return refused('this is no receipt');
  const { signature, ...claimed } = receipt as Record<string, unknown>;
  if (typeof signature !== 'string') return refused('it has no signature');
  try {
    const { payload, protectedHeader } = await compactVerify(
      signature,
      createLocalJWKSet(keys as JSONWebKeySet),
      { algorithms: [receiptAlgorithm] },
    );
    if (protectedHeader.typ !== receiptType) return refused('what was signed is no receipt');
    const signed = JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
    const changed = differing(claimed, signed);
    if (changed.length > 0) return refused(`not as it was signed: ${changed.join(', ')}`);
    return { isGenuine: true, kid: protectedHeader.kid! };
  } catch (error) {
    return refused(reasonOf(error));
  }
}

function refused(reason: string): Verification {
  return { isGenuine: false, reason };
}

/** The names of the fields that differ, on either side. */
function differing(a: Record<string, unknown>, b: Record<string, unknown>): string[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].filter(
    (name) => !(name in a && name in b) || !isDeepStrictEqual(a[name], b[name]),
  );
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWKSNoMatchingKey) return 'it was signed by none of these keys';
  if (error instanceof errors.JWKSInvalid) return 'the keys are no JSON Web Key Set';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature is wrong';
  if (error instanceof errors.JOSEError) return 'the signature is malformed';
  throw error;
}
