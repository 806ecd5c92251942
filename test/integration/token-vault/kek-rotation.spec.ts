import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { Settings } from '@app/config';
import { aChannelId, aWorkspaceId, useTestBed } from '@app/testing';
import type { KekInfo, VaultTarget } from '@app/token-vault';
import {
  KekRewrapping,
  KekRotation,
  Keyring,
  readKeyFile,
  replaceKeyFile,
  sealEnvelope,
  StoredTokens,
  TokenSealer,
  TokenVault,
} from '@app/token-vault';
import { fullCopyOf } from '../../support/full-copy';

interface VaultRow {
  readonly key_id: string | null;
  readonly wrapped_key: Buffer | null;
  readonly sealed_tokens: Buffer | null;
  readonly version: number;
}

const tokens = { accessToken: 'an access token', refreshToken: 'a refresh token' };
const hourMs = 3_600_000;

describe('a key-encryption key', () => {
  const bed = useTestBed();
  let dataSource: DataSource;
  let keyring: Keyring;
  let stored: StoredTokens;
  let path: string;
  let files = 0;

  beforeAll(async () => {
    dataSource = await bed.dataSource();
  });
  beforeEach(() => {
    // Rows of another test are under keys of another file: unreadable, and left as they are.
    path = join(bed.folder, `keys-${(files += 1)}.json`);
    Keyring.create(path);
    keyring = Keyring.fromFile(path);
    stored = new StoredTokens(keyring);
  });

  function rotation(settings: Partial<Settings> = {}): KekRotation {
    const rewrapping = new KekRewrapping(dataSource, keyring);
    return new KekRotation(
      dataSource,
      keyring,
      rewrapping,
      Object.assign(new Settings(), settings),
    );
  }
  const rotateNow = (): Promise<void> => rotation().rotate(new Date(Date.now() + hourMs));
  const aTarget = (): VaultTarget => ({ channelId: aChannelId(), workspaceId: aWorkspaceId() });
  async function sealed(target: VaultTarget = aTarget()): Promise<VaultTarget> {
    await dataSource.transaction((manager) =>
      new TokenSealer(keyring).seal(manager, target, tokens),
    );
    return target;
  }
  const rowOf = async ({ channelId }: VaultTarget): Promise<VaultRow> => {
    const rows: VaultRow[] = await dataSource.query(
      'SELECT key_id, wrapped_key, sealed_tokens, version FROM vault.tokens WHERE channel_id = $1',
      [channelId],
    );
    return rows[0]!;
  };
  const opened = async ({ channelId }: VaultTarget): Promise<unknown> => {
    const { manager } = dataSource;
    const row = await stored.find(manager, channelId);
    return row && stored.open(manager, row);
  };
  const infoOf = async (kek: string): Promise<KekInfo> =>
    (await keyring.list()).find(({ id }) => id === kek)!;
  /** As if a time of a key were so many hours earlier. */
  function age(time: 'createdAt' | 'retiredAt', id: string, hours: number): void {
    const file = readKeyFile(path);
    const earlier = new Date(Date.parse(file.keys[id]![time]!) - hours * hourMs).toISOString();
    const aged = { ...file.keys[id]!, [time]: earlier };
    replaceKeyFile(path, { ...file, keys: { ...file.keys, [id]: aged } });
  }

  it('is followed by another one, under which every data key is; the tokens stay as sealed', async () => {
    const targets = await Promise.all(Array.from({ length: 120 }, () => sealed()));
    const before = await rowOf(targets[0]!);

    await rotateNow();

    const after = await rowOf(targets[0]!);
    expect(after.key_id).not.toBe(before.key_id);
    expect(after.wrapped_key!.equals(before.wrapped_key!)).toBe(false);
    expect(after.sealed_tokens!.equals(before.sealed_tokens!)).toBe(true);
    expect(after.version).toBe(before.version);
    for (const target of targets) {
      expect((await rowOf(target)).key_id).toBe(keyring.activeId);
      expect(await opened(target)).toEqual(tokens);
    }
    expect((await infoOf(before.key_id!)).retiredAt).toBeInstanceOf(Date);
  });

  it('is rotated once for one request, however often its job is run', async () => {
    age('createdAt', keyring.activeId, 1);
    const askedAt = new Date();
    await rotation().rotate(askedAt);
    const { activeId } = keyring;
    await rotation().rotate(askedAt);
    expect([keyring.activeId, (await keyring.list()).length]).toEqual([activeId, 2]);
  });

  it('seals for a day by default, then the next one does; retired it is kept for 7 days', async () => {
    const target = await sealed();
    const first = keyring.activeId;
    await rotation().tend();
    expect(keyring.activeId).toBe(first);
    age('createdAt', first, 23.9);
    await rotation().tend();
    expect(keyring.activeId).toBe(first);
    age('createdAt', first, 0.2);
    await rotation().tend();
    const second = keyring.activeId;
    expect(second).not.toBe(first);
    expect(keyring.key(first)).toHaveLength(32);
    expect((await rowOf(target)).key_id).toBe(second);

    age('retiredAt', first, 167.9);
    await rotation().tend();
    expect(keyring.key(first)).toHaveLength(32);
    age('retiredAt', first, 0.2);
    await rotation().tend();
    expect(keyring.key(first)).toBeUndefined();
    expect(await opened(target)).toEqual(tokens);
  });

  it('is not destroyed while a row needs it, however old it is', async () => {
    const [whole, broken] = [await sealed(), await sealed()];
    await dataSource.query(`UPDATE vault.tokens SET wrapped_key = '\\x00' WHERE channel_id = $1`, [
      broken.channelId,
    ]);
    const first = keyring.activeId;
    await rotateNow();
    await rotation({ kekDestroyAfterHours: 0 }).tend();
    expect(keyring.key(first)).toHaveLength(32);
    expect((await rowOf(whole)).key_id).toBe(keyring.activeId);

    await dataSource.transaction((manager) => new TokenVault().wipe(manager, broken));
    await rotation({ kekDestroyAfterHours: 0 }).tend();
    expect(keyring.key(first)).toBeUndefined();
  });

  it('leaves a row alone that changed while it was being rewrapped: a wipe wins, new tokens are taken again', async () => {
    const [kept, wiped, replaced] = await Promise.all([sealed(), sealed(), sealed()]);
    const first = keyring.activeId;
    const find = keyring.find.bind(keyring);
    let isFirst = true;
    jest.spyOn(keyring, 'find').mockImplementation(async (id) => {
      if (id === first && isFirst) {
        isFirst = false;
        // Another process, after these rows were read and before any of them is written.
        await dataSource.transaction((manager) => new TokenVault().wipe(manager, wiped));
        const next = { ...replaced, version: 2 };
        const envelope = sealEnvelope(keyring.key(first)!, next, Buffer.from('"newer"'));
        await dataSource.query(
          `UPDATE vault.tokens SET version = 2, wrapped_key = $2, sealed_tokens = $3
            WHERE channel_id = $1`,
          [replaced.channelId, envelope.wrappedKey, envelope.sealed],
        );
      }
      return find(id);
    });

    await rotateNow();

    expect(await rowOf(wiped)).toMatchObject({ key_id: null, wrapped_key: null });
    expect((await rowOf(kept)).key_id).toBe(keyring.activeId);
    expect(await opened(kept)).toEqual(tokens);
    expect((await rowOf(replaced)).key_id).toBe(keyring.activeId);
    expect(await opened(replaced)).toBe('newer');
  });

  it('is never changed while somebody seals: no row comes under a key that was retired', async () => {
    const rounds = Array.from({ length: 8 }, async (_, n) => {
      for (let i = 0; i < 6; i++) await (n === 0 ? rotateNow() : sealed());
    });
    await Promise.all(rounds);
    await rotation({ kekDestroyAfterHours: 0 }).tend();
    const under: { key_id: string }[] = await dataSource.query(
      'SELECT DISTINCT key_id FROM vault.tokens WHERE key_id = ANY ($1)',
      [(await keyring.list()).map(({ id }) => id)],
    );
    expect(under).toEqual([{ key_id: keyring.activeId }]);
  });

  it('opens nothing of a full dump from before the wipe, once it was rotated and destroyed', async () => {
    const targets = await Promise.all(Array.from({ length: 5 }, () => sealed()));
    const dump = await fullCopyOf(bed, dataSource);
    const restored = new StoredTokens(keyring);
    const fromDump = async ({ channelId }: VaultTarget): Promise<unknown> => {
      const row = await restored.find(dump.manager, channelId);
      expect(row?.sealed.length).toBeGreaterThan(28);
      return restored.open(dump.manager, row!);
    };
    // As a control: the same dump and the same code, while the key is still there.
    for (const target of targets) expect(await fromDump(target)).toEqual(tokens);

    for (const target of targets.slice(0, 3)) {
      await dataSource.transaction((manager) => new TokenVault().wipe(manager, target));
    }
    await rotateNow();
    await rotation({ kekDestroyAfterHours: 0 }).tend();

    for (const target of targets) expect(await fromDump(target)).toBeUndefined();
    expect(await opened(targets[0]!)).toBeUndefined();
    expect(await opened(targets[4]!)).toEqual(tokens);
  });
});
