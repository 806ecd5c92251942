import { mkdirSync, rmdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { ChannelId } from '@app/domain';
import { useTestBed } from '@app/testing';
import { TokenVault } from '@app/token-vault';
import { answers, PlatformServer } from '../../support/platform-server';
import { copyKeys } from '../../support/revocation-settings';
import type { EffectsUnderTest } from './effects-under-test';
import { patience, waitingJobs } from './effects-under-test';
import {
  age,
  dueRevocation,
  endAndWipe,
  grantedChannel,
  revocationOf,
  revocationsUnderTest,
} from './revocations';

const done = { state: 'done', counts: { revoked: 1 }, outcome: 'DONE', error: null, isKept: false };
const ended = (outcome: string) => ({ ...done, outcome, counts: {} });

interface Lease {
  readonly kind: 'refresh' | 'access';
  readonly version: number;
  readonly until: string;
  readonly ended_at: string;
}

describe('The token that is kept for a revocation', () => {
  const bed = useTestBed({ patient: true });
  let server: PlatformServer;
  let effects: EffectsUnderTest;
  beforeAll(async () => {
    server = await PlatformServer.start(answers(200, { revoked: true }));
    bed.atEnd(() => server.close());
    effects = await revocationsUnderTest(bed, server.url);
  });
  afterEach(() => server.calls.splice(0));

  const due = (channel = {}) => dueRevocation(bed, effects, channel);
  const run = (channelId: ChannelId) => effects.revoker.run(channelId, patience);
  const stateOf = (channelId: ChannelId) => revocationOf(effects, channelId);

  /** Of the version that is stored, and open for 50 s more, unless it's said. */
  const leased = (channelId: ChannelId, lease: Partial<Lease>) =>
    effects.dataSource.query(
      `INSERT INTO vault.leases (id, channel_id, kind, version, credential_id, until, ended_at)
       SELECT 'lease_' || $1, $1, coalesce(given.kind, 'refresh'), coalesce(given.version, tokens.version),
              'svc', coalesce(given.until, now() + interval '50 s'), given.ended_at
         FROM vault.tokens, jsonb_populate_record(NULL::vault.leases, $2) AS given
        WHERE tokens.channel_id = $1`,
      [channelId, lease],
    );

  it('is the only one, and under a key that is not in the database', async () => {
    const before = copyKeys(bed);
    const { channelId, token } = await due();
    const [row]: [Record<string, unknown>] = await effects.dataSource.query(
      `SELECT tokens.wiped_at IS NOT NULL AS "isWiped", copy.*, work.evidence,
              copy.until - now() BETWEEN interval '59 minutes' AND interval '1 hour' AS "isForAnHour"
         FROM vault.tokens JOIN vault.revocation_copies copy USING (channel_id)
         JOIN effects.work USING (channel_id)
        WHERE channel_id = $1 AND effect = 'token-wipe'`,
      [channelId],
    );
    expect(row).toMatchObject({ isWiped: true, isForAnHour: true, outcome: null });
    const until = (row['until'] as Date).toISOString();
    expect(row['evidence']).toMatchObject({ revocationCopyUntil: until });
    expect(JSON.stringify(row)).not.toContain(token);
    expect(String(row['sealed_token'] as Buffer)).not.toContain(token);
    expect(copyKeys(bed)).toEqual(expect.arrayContaining([...before, row['key_id']]));
    expect(await waitingJobs(effects, channelId)).toContain(`grant-revocation:${channelId}`);
  });

  it('is gone when its hour is over, whatever the revocation waits for, which fails for good', async () => {
    const keys = copyKeys(bed);
    const { channelId } = await due();
    const other = await due();
    await age(effects, channelId, 59);
    const reading = jest.spyOn(effects.store, 'readLast').mockRejectedValue(new Error('away'));
    await effects.revocations.run();
    reading.mockRestore();
    expect(await stateOf(channelId)).toEqual(ended('FAILED'));
    expect(copyKeys(bed)).toHaveLength(keys.length + 1);
    await run(channelId);
    expect(await stateOf(channelId)).toEqual(ended('FAILED'));
    expect(server.calls).toEqual([]);
    await run(other.channelId);
    expect(await stateOf(other.channelId)).toEqual(done);
  });

  it('is gone after its hour though the key of another one, or a stray one, can not be destroyed: each is said', async () => {
    const [bad, good] = [await due(), await due()];
    const [copy]: { key_id: string }[] = await effects.dataSource.query(
      'SELECT key_id FROM vault.revocation_copies WHERE channel_id = $1',
      [bad.channelId],
    );
    const nameKey = (keyId: string) =>
      effects.dataSource.query(
        'UPDATE vault.revocation_copies SET key_id = $2 WHERE channel_id = $1',
        [bad.channelId, keyId],
      );
    await nameKey('no-name-of-a-key');
    await age(effects, bad.channelId, 70);
    await age(effects, good.channelId, 60);
    const stray = join(bed.folder, 'revocation-keys', `copy-${'0'.repeat(32)}`);
    mkdirSync(stray);
    utimesSync(stray, new Date(0), new Date(0));
    const errors = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    await effects.revocations.run();
    await effects.revocations.run();
    const said = errors.mock.calls.map(([, line]) => line as string);
    errors.mockRestore();
    const lines = [
      'a token is kept for longer than its hour: see REVOCATION_KEYS_DIR',
      'a key of a wipe that never was can not be destroyed: see REVOCATION_KEYS_DIR',
    ];
    const lost = 'grant NOT revoked, for good: withdraw it on the platform by hand';
    expect(said.sort()).toEqual([...lines, ...lines, lost, lost].sort());
    expect(await stateOf(good.channelId)).toEqual(ended('FAILED'));
    expect(await stateOf(bad.channelId)).toMatchObject({ state: 'pending', isKept: true });

    rmdirSync(stray);
    await nameKey(copy!.key_id);
    await effects.revocations.run();
    expect(await stateOf(bad.channelId)).toEqual(ended('FAILED'));
    expect(copyKeys(bed)).not.toContain(copy!.key_id);
  });

  it('leaves no key of a wipe that was rolled back', async () => {
    const start = await grantedChannel(bed, effects);
    const before = copyKeys(bed);
    const failing = jest.spyOn(TokenVault.prototype, 'wipe').mockRejectedValueOnce(new Error('no'));
    await expect(endAndWipe(effects, start)).rejects.toThrow('no');
    failing.mockRestore();
    const strays = copyKeys(bed).filter((key) => !before.includes(key));
    expect(strays).toHaveLength(1);
    await effects.revocations.run();
    expect(copyKeys(bed)).toEqual(expect.arrayContaining(strays));
    utimesSync(join(bed.folder, 'revocation-keys', strays[0]!), new Date(0), new Date(0));
    await effects.revocations.run();
    expect(copyKeys(bed).sort()).toEqual(before.sort());
  });

  it.each<[string, Partial<Lease>, string]>([
    ['is under way', {}, 'FAILED'],
    ['was never told about', { until: '2026-01-01T00:00:00Z' }, 'FAILED'],
    ['was told about', { ended_at: '2026-01-01T00:00:00Z' }, 'DONE'],
    ['brought the token itself', { version: 0 }, 'DONE'],
    ['is none, but a publisher has the token', { kind: 'access' }, 'DONE'],
  ])(
    'may be spent, so an unknown one proves nothing, when a refresh %s',
    async (_, lease, outcome) => {
      server.does(answers(400, { error: 'invalid_token' }));
      const start = await grantedChannel(bed, effects);
      const { channelId } = start;
      await leased(channelId, lease);
      await endAndWipe(effects, start);
      const errors = jest.spyOn(Logger.prototype, 'error').mockImplementation();
      await run(channelId);
      const said = errors.mock.calls.map(([what]) => what as unknown);
      errors.mockRestore();
      const isDone = outcome === 'DONE';
      expect(said).toEqual(isDone ? [] : [{ channelId, reason: 'refresh_under_way' }]);
      const counts = isDone ? { alreadyRevoked: 1 } : {};
      expect(await stateOf(channelId)).toEqual({ ...ended(outcome), counts });
    },
  );
});
