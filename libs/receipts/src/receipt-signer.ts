import { Injectable } from '@nestjs/common';
import type { KeyLike } from 'jose';
import { CompactSign, importJWK } from 'jose';
import type { Receipt } from '@app/domain';
import type { ReceiptKeyFile, ReceiptKeySet } from './receipt-key-file';
import { publicKeysOf, receiptAlgorithm } from './receipt-key-file';

/** A receipt that proves who says so. */
export interface SignedReceipt extends Receipt {
  /** Compact JWS (RFC 7515) whose payload is everything else of the receipt, as JSON. */
  readonly signature: string;
}

/** The type in the header of every signature: what else the key might sign one day is none of it. */
export const receiptType = 'postbreeze-receipt+jws';

/**
 * Signs receipts with Ed25519, whose signatures of the same bytes are the same: two reads of one
 * revision answer the same, byte for byte.
 */
@Injectable()
export class ReceiptSigner {
  private constructor(
    private readonly kid: string,
    private readonly key: KeyLike | Uint8Array,
    readonly publicKeys: ReceiptKeySet,
  ) {}

  static async with(file: ReceiptKeyFile): Promise<ReceiptSigner> {
    const jwk = file.keys.find(({ kid }) => kid === file.signs)!;
    const key = await importJWK(jwk, receiptAlgorithm);
    return new ReceiptSigner(file.signs, key, publicKeysOf(file));
  }

  async sign(receipt: Receipt): Promise<SignedReceipt> {
    const payload = new TextEncoder().encode(JSON.stringify(receipt));
    const signature = await new CompactSign(payload)
      .setProtectedHeader({ alg: receiptAlgorithm, kid: this.kid, typ: receiptType })
      .sign(this.key);
    return { ...receipt, signature };
  }
}
