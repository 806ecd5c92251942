import type { DataSource } from 'typeorm';
import type { Claim } from '@app/registry';
import { IdempotencyKeys, Registry } from '@app/registry';
import { aChannelId, aWorkspaceId, requestedAt, useTestBed } from '@app/testing';

const registry = new Registry();

function aClaim(overrides: Partial<Claim> = {}): Claim {
  return {
    channelId: aChannelId(),
    workspaceId: aWorkspaceId(),
    platform: 'INSTAGRAM',
    externalId: '17841400000000000',
    grantRef: 'a0'.repeat(32),
    ...overrides,
  };
}

describe('the registry', () => {
  const bed = useTestBed();
  let dataSource: DataSource;
  beforeAll(async () => {
    dataSource = await bed.dataSource([], { size: 50 });
  });
  const claim = (it: Claim) => dataSource.transaction((manager) => registry.claim(manager, it));
  const stateOf = async (channelId: string): Promise<string | undefined> => {
    const rows: { state: string }[] = await dataSource.query(
      'SELECT state FROM registry.channels WHERE id = $1',
      [channelId],
    );
    return rows[0]?.state;
  };

  describe('a claim', () => {
    it('opens, and goes live', async () => {
      const made = aClaim();
      expect(await claim(made)).toBeUndefined();
      expect(await stateOf(made.channelId)).toBe('opening');
      await registry.goLive(dataSource.manager, made.channelId);
      expect(await stateOf(made.channelId)).toBe('live');
    });

    it('is held against another channel of the workspace, which is told by whom', async () => {
      const first = aClaim();
      await claim(first);
      const holder = await claim({ ...first, channelId: aChannelId() });
      expect(holder).toEqual({
        channelId: first.channelId,
        state: 'opening',
        hasEnded: false,
        ageMs: expect.any(Number) as number,
      });
      expect(holder!.ageMs).toBeGreaterThanOrEqual(0);
      expect(holder!.ageMs).toBeLessThan(60_000);
    });

    it.each([
      ['another workspace', { workspaceId: aWorkspaceId() }],
      ['another platform', { platform: 'FACEBOOK_PAGE' as const }],
      ['another account', { externalId: 'another' }],
    ])('is not held against %s', async (_, difference) => {
      const first = aClaim();
      await claim(first);
      expect(await claim({ ...first, channelId: aChannelId(), ...difference })).toBeUndefined();
    });

    it('is free again when its channel has ended, for a new id', async () => {
      const first = aClaim();
      await claim(first);
      await registry.end(dataSource.manager, first.channelId);
      const second = { ...first, channelId: aChannelId() };
      expect(await claim(second)).toBeUndefined();
      // Late, and of the old id: it touches nothing of the new one.
      await registry.end(dataSource.manager, first.channelId);
      await registry.goLive(dataSource.manager, first.channelId);
      expect([await stateOf(first.channelId), await stateOf(second.channelId)]).toEqual([
        'ended',
        'opening',
      ]);
    });

    it('tells that its channel has ended, although it is not freed yet', async () => {
      const first = aClaim();
      await claim(first);
      const { channelId } = first;
      await registry.recordEnding(dataSource.manager, channelId, 'disconnected', requestedAt);
      const holder = await claim({ ...first, channelId: aChannelId() });
      expect(holder).toMatchObject({ channelId, hasEnded: true });
    });

    it('is made by one of 50 at the same time, and all the others learn who has it', async () => {
      const account = aClaim();
      const rivals = Array.from({ length: 50 }, () => ({ ...account, channelId: aChannelId() }));
      const answers = await Promise.all(rivals.map(claim));
      const winners = rivals.filter((_, index) => answers[index] === undefined);
      expect(winners).toHaveLength(1);
      const holders = answers.flatMap((holder) => holder?.channelId ?? []);
      expect(holders).toEqual(Array.from({ length: 49 }, () => winners[0]!.channelId));
    });

    it('is free for the next when its transaction is rolled back', async () => {
      const account = aClaim();
      const failing = dataSource.transaction(async (manager) => {
        await registry.claim(manager, account);
        throw new Error('the vault is full');
      });
      await expect(failing).rejects.toThrow('the vault is full');
      expect(await claim({ ...account, channelId: aChannelId() })).toBeUndefined();
    });
  });

  describe('an ending', () => {
    it('is written once: the first one stands', async () => {
      const id = aChannelId();
      await registry.recordEnding(dataSource.manager, id, 'disconnected', requestedAt);
      await registry.recordEnding(dataSource.manager, id, 'abandoned', '2026-12-01T00:00:00.000Z');
      const rows: unknown = await dataSource.query(
        'SELECT kind, ended_at FROM registry.endings WHERE channel_id = $1',
        [id],
      );
      expect(rows).toEqual([{ kind: 'disconnected', ended_at: new Date(requestedAt) }]);
    });

    it.each([
      'DELETE FROM registry.endings',
      `UPDATE registry.endings SET kind = 'abandoned'`,
      'TRUNCATE registry.endings',
    ])('is final: %s', async (statement) => {
      await registry.recordEnding(dataSource.manager, aChannelId(), 'disconnected', requestedAt);
      await expect(dataSource.query(statement)).rejects.toThrow('an ending is final');
    });
  });

  describe('an Idempotency-Key', () => {
    const keys = new IdempotencyKeys();
    const key = { credentialId: 'svc_1', key: 'order-1', bodyFingerprint: 'f1' };
    const reserve = (it: typeof key, channelId: string) =>
      dataSource.transaction((manager) => keys.reserve(manager, it, channelId));

    it('stands for the channel of its first request, and tells its body', async () => {
      const [first, second] = [aChannelId(), aChannelId()];
      const reserved = { channelId: first, bodyFingerprint: 'f1' };
      expect(await reserve(key, first)).toEqual({ ...reserved, fresh: true });
      expect(await reserve(key, second)).toEqual({ ...reserved, fresh: false });
      const other = { ...key, bodyFingerprint: 'f2' };
      expect(await reserve(other, second)).toEqual({ ...reserved, fresh: false });
    });

    it("is its credential's own", async () => {
      const id = aChannelId();
      expect(await reserve({ ...key, credentialId: 'svc_2' }, id)).toMatchObject({ fresh: true });
    });

    it('is free again when its connect was given up', async () => {
      const [first, second] = [aChannelId(), aChannelId()];
      const given = { ...key, key: 'order-2' };
      await reserve(given, first);
      await keys.release(dataSource.manager, first);
      expect(await reserve(given, second)).toMatchObject({ channelId: second, fresh: true });
    });

    it('is reserved by one of many at the same time', async () => {
      const given = { ...key, key: 'order-3' };
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => reserve(given, aChannelId())),
      );
      expect(answers.filter(({ fresh }) => fresh)).toHaveLength(1);
      expect(new Set(answers.map(({ channelId }) => channelId)).size).toBe(1);
    });
  });
});
