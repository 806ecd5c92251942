import type { DataSource } from 'typeorm';
import { aChannelId, aWorkspaceId, useTestBed } from '@app/testing';
import type { Envelope } from '@app/token-vault';
import { Keyring, openEnvelope, TokenSealer, TokenVault } from '@app/token-vault';

interface VaultRow {
  readonly version: number;
  readonly key_id: string | null;
  readonly wrapped_key: Buffer | null;
  readonly sealed_tokens: Buffer | null;
  readonly wiped_at: Date | null;
}

const tokens = { accessToken: 'an access token', refreshToken: 'a refresh token' };

describe('the vault', () => {
  const bed = useTestBed();
  const vault = new TokenVault();
  let dataSource: DataSource;
  let keyring: Keyring;
  beforeAll(async () => {
    dataSource = await bed.dataSource();
    keyring = Keyring.fromFile(bed.vaultKeyFile());
  });

  const aTarget = () => ({ channelId: aChannelId(), workspaceId: aWorkspaceId() });
  type Target = ReturnType<typeof aTarget>;
  const seal = (target: Target) =>
    dataSource.transaction((manager) => new TokenSealer(keyring).seal(manager, target, tokens));
  const wipe = (target: Target) => dataSource.transaction((manager) => vault.wipe(manager, target));
  const rowOf = async ({ channelId }: Target): Promise<VaultRow> => {
    const rows: VaultRow[] = await dataSource.query(
      'SELECT * FROM vault.tokens WHERE channel_id = $1',
      [channelId],
    );
    return rows[0]!;
  };
  const open = (row: VaultRow, target: Target): unknown => {
    const envelope = { wrappedKey: row.wrapped_key, sealed: row.sealed_tokens } as Envelope;
    const kek = keyring.key(row.key_id!)!;
    return JSON.parse(openEnvelope(kek, { ...target, version: row.version }, envelope).toString());
  };

  it('seals tokens that its keys alone can open, for that channel alone', async () => {
    const [target, other] = [aTarget(), aTarget()];
    await Promise.all([seal(target), seal(other)]);
    const row = await rowOf(target);
    expect(open(row, target)).toEqual(tokens);
    expect(JSON.stringify(row)).not.toContain('an access token');
    expect(() => open(row, other)).toThrow();
    const rowOfOther = await rowOf(other);
    expect(() => open({ ...row, sealed_tokens: rowOfOther.sealed_tokens }, target)).toThrow();
  });

  it('wipes for good, and counts what it destroyed once', async () => {
    const target = aTarget();
    await seal(target);
    expect(await wipe(target)).toEqual({ tokens: 1 });
    expect(await rowOf(target)).toMatchObject({
      key_id: null,
      wrapped_key: null,
      sealed_tokens: null,
      wiped_at: expect.any(Date) as Date,
    });
    expect(await wipe(target)).toEqual({ tokens: 0 });
  });

  it('leaves the tokens of every other channel alone', async () => {
    const [target, other] = [aTarget(), aTarget()];
    await Promise.all([seal(target), seal(other)]);
    await wipe(target);
    expect(open(await rowOf(other), other)).toEqual(tokens);
  });

  it('leaves a tombstone also where there was nothing, so that a late connect is refused', async () => {
    const target = aTarget();
    expect(await wipe(target)).toEqual({ tokens: 0 });
    await expect(seal(target)).rejects.toThrow('tokens_pk');
    expect(await rowOf(target)).toMatchObject({ sealed_tokens: null });
  });

  it('is not wiped by a transaction that fails', async () => {
    const target = aTarget();
    await seal(target);
    const failing = dataSource.transaction(async (manager) => {
      await vault.wipe(manager, target);
      throw new Error('the work row is gone');
    });
    await expect(failing).rejects.toThrow('the work row is gone');
    expect(open(await rowOf(target), target)).toEqual(tokens);
  });

  it.each([
    ['a refresh that comes late', `UPDATE vault.tokens SET version = 2 WHERE channel_id = $1`],
    [
      'a new seal',
      `UPDATE vault.tokens SET wiped_at = NULL, key_id = 'k', wrapped_key = '\\x00',
              sealed_tokens = '\\x00' WHERE channel_id = $1`,
    ],
  ])('brings nothing back by %s', async (_, statement) => {
    const target = aTarget();
    await seal(target);
    await wipe(target);
    await expect(dataSource.query(statement, [target.channelId])).rejects.toThrow(
      `the tokens of ${target.channelId} were wiped for good`,
    );
  });

  it.each(['DELETE FROM vault.tokens', 'TRUNCATE vault.tokens'])(
    'never loses a row: %s',
    async (statement) => {
      await seal(aTarget());
      await expect(dataSource.query(statement)).rejects.toThrow('a vault row is never deleted');
    },
  );

  it('holds a row either sealed or wiped, never in between', async () => {
    const target = aTarget();
    await seal(target);
    const half = dataSource.query(
      'UPDATE vault.tokens SET wrapped_key = NULL WHERE channel_id = $1',
      [target.channelId],
    );
    await expect(half).rejects.toThrow('tokens_sealed_or_wiped');
  });
});
