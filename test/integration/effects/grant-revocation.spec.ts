import { Logger } from '@nestjs/common';
import type { ChannelDisconnected, ChannelId } from '@app/domain';
import { planDisconnection } from '@app/domain';
import { channelStream } from '@app/event-store';
import { aContext, requestedAt, useTestBed } from '@app/testing';
import type { Behaviour } from '../../support/platform-server';
import { answers, hangsUp, PlatformServer, staysSilent } from '../../support/platform-server';
import { copyKeys } from '../../support/revocation-settings';
import type { EffectsUnderTest } from './effects-under-test';
import { loseJobs, outcomesOf, patience, waitingJobs } from './effects-under-test';
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

describe('The revocation of a grant', () => {
  const bed = useTestBed({ patient: true });
  let server: PlatformServer;
  let effects: EffectsUnderTest;
  /** It waits for the platform for as long as a silent one is worth. */
  let hasty: EffectsUnderTest;
  beforeAll(async () => {
    server = await PlatformServer.start(usually);
    bed.atEnd(() => server.close());
    effects = await revocationsUnderTest(bed, server.url, { REVOCATION_RETRY_MS: '20000' });
    hasty = await revocationsUnderTest(bed, server.url, { REVOCATION_TIMEOUT_MS: '500' });
  });
  const usually = answers(200, { revoked: true });
  afterEach(() => {
    server.calls.splice(0);
    server.usually = usually;
  });

  const due = (channel = {}) => dueRevocation(bed, effects, channel);
  const run = (channelId: ChannelId) => effects.revoker.run(channelId, patience);
  const stateOf = (channelId: ChannelId) => revocationOf(effects, channelId);

  it('withdraws it with that token, once, and leaves nothing of the token', async () => {
    const keys = copyKeys(bed);
    const { channelId, token } = await due();
    await run(channelId);
    await run(channelId);
    expect(server.calls.map(({ form }) => form['token'])).toEqual([token]);
    expect(await stateOf(channelId)).toEqual(done);
    expect(copyKeys(bed)).toEqual(keys);
  });

  it('stands in the stream with the wipe, one as evidence of the other', async () => {
    const { channelId } = await due();
    await effects.recorder.record(channelId, patience);
    await run(channelId);
    await effects.recorder.record(channelId, patience);
    expect(await outcomesOf(effects, channelId)).toMatchObject([
      {
        type: 'EffectFinished',
        data: {
          effect: 'token-wipe',
          evidence: { revocationCopyUntil: expect.any(String) as string },
        },
      },
      {
        type: 'EffectFinished',
        data: { effect: 'grant-revocation', status: 'DONE', attempts: 1, counts: { revoked: 1 } },
      },
    ]);
  });

  it('was done before, says the platform, and that is as good', async () => {
    server.does(answers(400, { error: 'invalid_token' }));
    const { channelId } = await due();
    await run(channelId);
    expect(await stateOf(channelId)).toEqual({ ...done, counts: { alreadyRevoked: 1 } });
  });

  it('is not supported where the platform has no way: said at once, in the wipe itself', async () => {
    const { channelId } = await due({ platform: 'PINTEREST' });
    expect(await stateOf(channelId)).toEqual(ended('NOT_SUPPORTED'));
    await effects.recorder.record(channelId, patience);
    expect(await outcomesOf(effects, channelId)).toMatchObject([
      { data: { effect: 'grant-revocation', status: 'NOT_SUPPORTED', attempts: 1 } },
      { data: { effect: 'token-wipe', evidence: { revocationCopyUntil: null } } },
    ]);
    expect(server.calls).toEqual([]);
  });

  it('is not supported in a process that is told of no provider, and a copy of before goes', async () => {
    const others = await revocationsUnderTest(bed, server.url, { REVOKED_GRANTS: '' });
    const start = await grantedChannel(bed, effects);
    await endAndWipe(others, start);
    expect(await stateOf(start.channelId)).toEqual(ended('NOT_SUPPORTED'));
    const keys = copyKeys(bed);
    const { channelId } = await due();
    await others.revoker.run(channelId, patience);
    expect(await stateOf(channelId)).toEqual(ended('NOT_SUPPORTED'));
    expect(copyKeys(bed)).toEqual(keys);
    expect(server.calls).toEqual([]);
  });

  describe('fails at once, and loudly, when no token can do it', () => {
    const loud = () => jest.spyOn(Logger.prototype, 'error').mockImplementation();
    afterEach(() => jest.restoreAllMocks());

    it('because no key that is left opens them', async () => {
      const errors = loud();
      const start = await grantedChannel(bed, effects);
      await effects.dataSource.query(
        `UPDATE vault.tokens SET key_id = 'destroyed' WHERE channel_id = $1`,
        [start.channelId],
      );
      await endAndWipe(effects, start);
      expect(await stateOf(start.channelId)).toEqual(ended('FAILED'));
      expect(errors.mock.calls).toEqual([
        [{ channelId: start.channelId, reason: 'unreadable' }, expect.stringContaining('NOT')],
      ]);
    });

    it('because the only one that the platform takes has run out', async () => {
      const errors = loud();
      const tokenExpiresAt = '2026-01-01T00:00:00.000Z';
      const { channelId } = await due({ platform: 'TIKTOK_PERSONAL', tokenExpiresAt });
      expect(await stateOf(channelId)).toEqual(ended('FAILED'));
      expect(errors.mock.calls[0]![0]).toEqual({ channelId, reason: 'none_of_use' });
    });
  });

  it.each<[string, Behaviour, string]>([
    ['is down', answers(503), 'server_error'],
    ['hangs up', hangsUp, 'no_answer'],
    ['stays silent', staysSilent, 'timeout'],
    ['lies', answers(200, { revoked: false }), 'unclear_answer'],
    ['refuses', answers(403, { error: 'no' }), 'refused'],
    ['sends it elsewhere', answers(302, '', { location: '/' }), 'redirected'],
  ])('is tried again when the platform %s', async (_, behaviour, error) => {
    server.usually = behaviour;
    const { channelId } = await due();
    await loseJobs(effects);
    const { revoker } = behaviour === staysSilent ? hasty : effects;
    await revoker.run(channelId, patience);
    expect(await stateOf(channelId)).toEqual({
      ...{ state: 'pending', outcome: null, counts: {} },
      ...{ error, isKept: true },
    });
    expect(await waitingJobs(effects, channelId)).toEqual([`grant-revocation:${channelId}`]);
    server.usually = usually;
    await run(channelId);
    expect(await stateOf(channelId)).toEqual({ ...done, error });
  });

  it('waits longer before each try, and begins none that its hour would not hold', async () => {
    server.does(answers(503), answers(503), answers(503), answers(503));
    const { channelId } = await due();
    const waits: number[] = [];
    for (let n = 0; n < 4; n++) {
      await run(channelId);
      const [job]: { ms: number }[] = await effects.dataSource.query(
        `SELECT extract(epoch FROM run_at - updated_at)::float * 1000 AS ms
           FROM graphile_worker.jobs WHERE key = $1`,
        [`grant-revocation:${channelId}`],
      );
      waits.push(job!.ms);
    }
    // 20 s doubled each time, at least half of it.
    expect(waits[3]).toBeGreaterThanOrEqual(80_000);
    expect(waits[0]).toBeLessThan(80_000);
    await age(effects, channelId, 59);
    await run(channelId);
    expect(server.calls).toHaveLength(4);
    expect(await stateOf(channelId)).toEqual({ ...ended('FAILED'), error: 'server_error' });
  });

  it('is done once, whoever else tries at the same time', async () => {
    const { channelId } = await due();
    await Promise.all([1, 2, 3].map(() => run(channelId)));
    // Who finds the key gone with the token says why it comes again, to work that is done.
    const { state, outcome, counts, isKept } = done;
    expect(await stateOf(channelId)).toMatchObject({ state, outcome, counts, isKept });
  });

  it('waits for a stream that says that the channel has ended: nobody is called, nothing is lost', async () => {
    const { channelId } = await due();
    const stream = channelStream(channelId);
    const life = (await effects.store.read(stream)).map(({ event }) => event);
    // As a store that was restored from a backup of before.
    await effects.store.client.deleteStream(stream);
    await loseJobs(effects);
    await run(channelId);
    const waiting = { state: 'pending', outcome: null, counts: {}, isKept: true };
    expect(await stateOf(channelId)).toEqual({ ...waiting, error: 'not_confirmed' });
    expect(await waitingJobs(effects, channelId)).toEqual([`grant-revocation:${channelId}`]);
    await effects.store.append(stream, 'no_stream', life.slice(0, 1), aContext());
    await run(channelId);
    expect(await stateOf(channelId)).toEqual({ ...waiting, error: 'not_confirmed' });
    expect(server.calls).toEqual([]);
    const { revision } = (await effects.store.readLast(stream))!;
    await effects.store.append(stream, revision, life.slice(1), aContext());
    await run(channelId);
    expect(await stateOf(channelId)).toEqual({ ...done, error: 'not_confirmed' });
  });

  it('that the disconnect in the stream has not planned fails after its hour, and holds up no other outcome', async () => {
    const { channelId } = await due();
    const stream = channelStream(channelId);
    const [start, end] = (await effects.store.read(stream)).map(({ event }) => event);
    const plan = planDisconnection(requestedAt, 20);
    const again = { ...end, data: { ...end!.data, plan } } as ChannelDisconnected;
    await effects.store.client.deleteStream(stream);
    await effects.store.append(stream, 'no_stream', [start!, again], aContext());
    await run(channelId);
    await age(effects, channelId, 59);
    await effects.revocations.run();
    expect(await stateOf(channelId)).toEqual({ ...ended('FAILED'), error: 'not_confirmed' });
    await effects.recorder.record(channelId, patience);
    expect(await outcomesOf(effects, channelId)).toMatchObject([
      { data: { effect: 'token-wipe' } },
    ]);
    expect(await stateOf(channelId)).toMatchObject({ state: 'recorded' });
    expect(server.calls).toEqual([]);
  });
});
