import { mkdtempSync, rmSync, statSync, chmodSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Receipt } from '@app/domain';
import { openReceipt } from '@app/domain';
import { disconnected } from '@app/testing';
import {
  createReceiptKeys,
  publicKeysOf,
  readReceiptKeys,
  ReceiptSigner,
  rotateReceiptKeys,
  verifyReceipt,
} from '.';

const folder = mkdtempSync(join(tmpdir(), 'receipts-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

async function newKeys(): Promise<string> {
  const path = join(folder, `keys-${files++}.json`);
  await createReceiptKeys(path);
  return path;
}

const signerOf = (path: string) => ReceiptSigner.with(readReceiptKeys(path));
const receipt: Receipt = openReceipt(disconnected().data);

describe('a signed receipt', () => {
  it('is genuine by the public keys, and the same at each reading', async () => {
    const signer = await signerOf(await newKeys());
    const signed = await signer.sign(receipt);
    const { signature, ...rest } = signed;
    expect(rest).toEqual(receipt);
    expect(await signer.sign(receipt)).toEqual(signed);
    const sent: unknown = JSON.parse(JSON.stringify(signed));
    const [key] = signer.publicKeys.keys;
    expect(await verifyReceipt(sent, signer.publicKeys)).toEqual({
      isGenuine: true,
      kid: key!.kid,
    });
    expect(signature.split('.')).toHaveLength(3);
  });

  it.each(Object.keys(receipt))('is not genuine with another %s, or without it', async (field) => {
    const signer = await signerOf(await newKeys());
    const signed = { ...(await signer.sign(receipt)) } as Record<string, unknown>;
    const reason = expect.stringContaining(field) as string;
    for (const forged of [
      { ...signed, [field]: 'other' },
      Object.fromEntries(Object.entries(signed).filter(([name]) => name !== field)),
    ]) {
      expect(await verifyReceipt(forged, signer.publicKeys)).toEqual({ isGenuine: false, reason });
    }
  });

  it('is not genuine with a field more, in an effect changed, or by another key', async () => {
    const signer = await signerOf(await newKeys());
    const signed = await signer.sign(receipt);
    const reasonOf = async (forged: unknown, keys: unknown = signer.publicKeys) => {
      const found = await verifyReceipt(forged, keys);
      return found.isGenuine ? 'genuine' : found.reason;
    };
    const effects = signed.effects.map((line, at) => (at === 0 ? { ...line, attempts: 2 } : line));
    expect(await reasonOf({ ...signed, note: 1 })).toBe('not as it was signed: note');
    expect(await reasonOf({ ...signed, effects })).toBe('not as it was signed: effects');
    const others = (await signerOf(await newKeys())).publicKeys;
    expect(await reasonOf(signed, others)).toBe('it was signed by none of these keys');
    const renamed = { keys: [{ ...others.keys[0], kid: signer.publicKeys.keys[0]!.kid }] };
    expect(await reasonOf(signed, renamed)).toBe('the signature is wrong');
    expect(await reasonOf({ ...signed, signature: 'a.b' })).toBe('the signature is malformed');
    expect(await reasonOf({ ...receipt })).toBe('it has no signature');
    expect(await reasonOf(null)).toBe('this is no receipt');
    expect(await reasonOf(signed, {})).toBe('the keys are no JSON Web Key Set');
  });

  it('is still genuine after the keys were rotated, and the new key signs the next', async () => {
    const path = await newKeys();
    const old = await (await signerOf(path)).sign(receipt);
    const kid = await rotateReceiptKeys(path);
    const signer = await signerOf(path);
    expect(await verifyReceipt(old, signer.publicKeys)).toMatchObject({ isGenuine: true });
    const next = await verifyReceipt(await signer.sign(receipt), signer.publicKeys);
    expect(next).toEqual({ isGenuine: true, kid });
  });
});

describe('a key file', () => {
  it('is for its owner alone, is never overwritten, and publishes nothing private', async () => {
    const path = await newKeys();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await expect(createReceiptKeys(path)).rejects.toThrow('EEXIST');
    const [key] = readReceiptKeys(path).keys;
    expect(JSON.stringify(publicKeysOf(readReceiptKeys(path)))).not.toContain(key!.d);
  });

  it('is refused with a line that says what to do, and shows nothing of it', async () => {
    const open = await newKeys();
    chmodSync(open, 0o644);
    expect(() => readReceiptKeys(open)).toThrow(`${open} can be read by others: chmod 600 it`);
    const garbage = join(folder, 'garbage.json');
    writeFileSync(garbage, 'hush', { mode: 0o600 });
    expect(() => readReceiptKeys(garbage)).toThrow(
      /can't be read \(not JSON\): see RECEIPT_KEY_FILE/,
    );
    const empty = join(folder, 'empty.json');
    writeFileSync(empty, '{"signs":"a","keys":[]}', { mode: 0o600 });
    expect(() => readReceiptKeys(empty)).toThrow('holds no key that signs receipts');
    expect(() => readReceiptKeys(join(folder, 'none'))).toThrow('(ENOENT)');
  });
});
