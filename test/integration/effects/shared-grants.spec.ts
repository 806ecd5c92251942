import { Logger } from '@nestjs/common';
import type { ChannelId } from '@app/domain';
import { Grants, Registry } from '@app/registry';
import { aChannelId, useTestBed } from '@app/testing';
import { answers, hangsUp, PlatformServer } from '../../support/platform-server';
import type { EffectsUnderTest } from './effects-under-test';
import { patience } from './effects-under-test';
import {
  aGrantRef,
  dueRevocation,
  endAndWipe,
  grantedChannel,
  registrarAt,
  revocationOf,
  revocationsUnderTest,
} from './revocations';

const done = { state: 'done', counts: { revoked: 1 }, outcome: 'DONE', error: null, isKept: false };
const kept = { ...done, outcome: 'KEPT_SHARED', counts: {} };

describe('The revocation of a grant that channels share', () => {
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

  it('is left to the last channel on it, of whatever workspace', async () => {
    const grantRef = aGrantRef();
    const other = await grantedChannel(bed, effects, { grantRef });
    const first = await due({ grantRef });
    await run(first.channelId);
    expect(await stateOf(first.channelId)).toEqual(kept);
    expect(server.calls).toEqual([]);
    await endAndWipe(effects, other);
    await run(other.channelId);
    expect(await stateOf(other.channelId)).toEqual(done);
    expect(server.calls.map(({ form }) => form['token'])).toEqual([other.token]);
  });

  it('is kept by an account that is being connected', async () => {
    const grantRef = aGrantRef();
    const { channelId, workspaceId } = await due({ grantRef });
    await effects.dataSource.query(
      `INSERT INTO registry.channels (id, workspace_id, platform, external_id, grant_ref, state)
       VALUES ($1, $2, 'X', $1, $3, 'opening')`,
      [aChannelId(), workspaceId, grantRef],
    );
    await run(channelId);
    expect(await stateOf(channelId)).toEqual(kept);
  });

  it('is withdrawn when all of its channels end together, in any order', async () => {
    for (let round = 0; round < 5; round++) {
      server.calls.splice(0);
      const grantRef = aGrantRef();
      const pages = await Promise.all(
        [1, 2, 3, 4].map(() => grantedChannel(bed, effects, { grantRef })),
      );
      await Promise.all(
        pages.map(async (page) => {
          await endAndWipe(effects, page);
          await run(page.channelId);
        }),
      );
      const outcomes = await Promise.all(
        pages.map(async ({ channelId }) => (await stateOf(channelId)) as { outcome: string }),
      );
      expect(outcomes.map(({ outcome }) => outcome)).toContain('DONE');
      expect(server.calls.length).toBeGreaterThan(0);
    }
  });

  it('is not withdrawn by a registry that lacks channels: a restored one, until it has caught up', async () => {
    const grantRef = aGrantRef();
    const { channelId } = await due({ grantRef });
    const other = await grantedChannel(bed, effects, { grantRef });
    await effects.dataSource.query('DELETE FROM registry.channels WHERE id = $1', [
      other.channelId,
    ]);
    await registrarAt(effects, 0n);
    await run(channelId);
    expect(server.calls).toEqual([]);
    const waiting = { state: 'pending', outcome: null, counts: {}, isKept: true };
    expect(await stateOf(channelId)).toEqual({ ...waiting, error: 'registry_behind' });

    await new Registry().restore(effects.dataSource.manager, other);
    await registrarAt(effects, 2n ** 62n);
    await run(channelId);
    expect(await stateOf(channelId)).toEqual({ ...kept, error: 'registry_behind' });
  });

  const grants = new Grants();
  const isRefused = (grantRef: string, grantedAt: string) =>
    effects.dataSource.transaction((manager) =>
      grants.isRevokedSince(manager, grantRef, grantedAt),
    );
  const soon = (): string => new Date(Date.now() + 1).toISOString();

  it('takes no tokens while the platform is asked, and new ones again once it has answered', async () => {
    const { channelId, grantRef } = await due();
    let during: boolean | undefined;
    server.does(async (response) => {
      during = await isRefused(grantRef, soon());
      answers(200, { revoked: true })(response);
    });
    await run(channelId);
    expect(during).toBe(true);
    expect(await isRefused(grantRef, soon())).toBe(false);
    expect(await isRefused(grantRef, '2026-11-01T00:00:00.000Z')).toBe(true);
  });

  it('is never lost in silence: who was connected by a clock that is ahead is named', async () => {
    const grantRef = aGrantRef();
    const { channelId } = await due({ grantRef });
    const errors = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    let early: string | undefined;
    server.does(async (response) => {
      expect(await isRefused(grantRef, '2099-01-01T00:00:00.000Z')).toBe(false);
      early = (await grantedChannel(bed, effects, { grantRef })).channelId;
      answers(200, { revoked: true })(response);
    });
    await run(channelId);
    expect(errors.mock.calls.map(([what]) => what as unknown)).toEqual([
      { channelId, others: [early] },
    ]);
    errors.mockRestore();
    expect(await stateOf(channelId)).toEqual(done);
  });

  it('takes none for as long as a call without an answer may be heard', async () => {
    server.does(hangsUp);
    const { channelId, grantRef } = await due();
    await run(channelId);
    expect(await isRefused(grantRef, soon())).toBe(true);
  });

  it('is kept by a channel that was connected between two tries', async () => {
    server.does(answers(503));
    const grantRef = aGrantRef();
    const { channelId } = await due({ grantRef });
    await run(channelId);
    await grantedChannel(bed, effects, { grantRef });
    await run(channelId);
    expect(await stateOf(channelId)).toEqual({ ...kept, error: 'server_error' });
    expect(server.calls).toHaveLength(1);
  });
});
