import type { Settings } from '@app/config';
import type { ChannelId, EffectName } from '@app/domain';
import { announcedEffects, planDisconnection } from '@app/domain';
import { channelStream } from '@app/event-store';
import type { ChannelReport, OpenDisconnection } from '@app/operations';
import {
  listDisconnections,
  NothingFound,
  showChannel,
  showReceipt,
  WrongUsage,
} from '@app/operations';
import { publicKeysOf, readReceiptKeys, verifyReceipt } from '@app/receipts';
import { registrarName } from '@app/registry';
import { aChannelId, aContext, disconnected, useTestBed, waitFor } from '@app/testing';
import { behindTheFence } from '../../support/fence';
import type { EffectsUnderTest } from '../effects/effects-under-test';
import { effectsUnderTest, patience } from '../effects/effects-under-test';
import { bringAboutAll, connectedChannel } from '../effects/given';
import { plantSurvivor } from '../effects/plant-survivor';

const bed = useTestBed({ patient: true });
let effects: EffectsUnderTest;
let settings: Settings;
beforeAll(async () => {
  effects = await effectsUnderTest(bed);
  settings = await bed.settings('ops events');
});

const minute = 60_000;

/** A channel that was disconnected so long ago; nothing else has happened. */
async function disconnectedAgo(agoMs: number): Promise<ChannelId> {
  const start = await connectedChannel(effects);
  const { channelId } = start.data;
  const requestedAt = new Date(Date.now() - agoMs).toISOString();
  const end = disconnected(start, { requestedAt, plan: planDisconnection(requestedAt, 20) });
  await effects.store.append(channelStream(channelId), 0, [end], aContext());
  return channelId;
}

/** Until the projector's role has come to what the stream says by now: both the row and the registry. */
async function projected(channelId: ChannelId): Promise<ChannelId> {
  const { receipt } = await showReceipt(settings, channelId, { verify: false });
  const end = (await effects.store.readLast(channelStream(channelId)))!;
  await waitFor(
    async () => {
      const rows: unknown[] = await effects.dataSource.query(
        `SELECT FROM read_model.receipts, runtime.checkpoints
          WHERE channel_id = $1 AND receipt->'streamRevision' = $2::jsonb
            AND name = $3 AND commit_position >= $4`,
        [
          channelId,
          JSON.stringify(receipt.streamRevision),
          registrarName,
          String(end.position.commit),
        ],
      );
      return rows.length === 1;
    },
    { what: 'the receipt in the read model, and the registrar' },
  );
  return channelId;
}

/** A channel whose disconnect is done. */
async function doneChannel(): Promise<ChannelId> {
  const channelId = await disconnectedAgo(minute);
  await bringAboutAll(effects, channelId);
  await effects.recorder.record(channelId, patience);
  return projected(channelId);
}

describe('A channel that is not projected yet', () => {
  it('is shown as its stream tells it', async () => {
    const { channelId } = (await connectedChannel(effects)).data;
    const { row } = await showChannel(settings, channelId, { history: false });
    expect(row).toMatchObject({ id: channelId, status: 'ACTIVE' });
  });
});

describe('With the projector at work', () => {
  beforeAll(async () => {
    await bed.startRole('projector', await bed.environment());
  });

  const show = (channelId: string, history = false): Promise<ChannelReport> =>
    showChannel(settings, channelId, { history });

  it('a channel is shown as every room knows it, and nothing that is sealed', async () => {
    const { channelId } = (await connectedChannel(effects)).data;
    const live = await show(channelId);
    expect(live).toEqual({
      id: channelId,
      row: expect.objectContaining({ id: channelId, status: 'ACTIVE' }) as object,
      registry: { state: 'live', openedAt: expect.any(String) as string, ending: null },
      vault: {
        state: 'live',
        version: 1,
        sealedAt: expect.stringMatching(/Z$/) as string,
        tokenExpiresAt: null,
        wipedAt: null,
        hasPendingEvent: false,
        revocationCopy: null,
      },
      work: [],
    });

    const ended = await show(await doneChannel());
    expect(ended).toMatchObject({
      row: { status: 'DISCONNECTED' },
      registry: { state: 'ended', ending: { kind: 'disconnected' } },
      vault: { state: 'wiped', version: 1 },
    });
    expect(ended.work.map(({ effect, state }) => [effect, state]).sort()).toEqual(
      announcedEffects.map((effect) => [effect, 'recorded']).sort(),
    );
  });

  it('its history is every event of both streams, in their order', async () => {
    const { history } = await show(await doneChannel(), true);
    expect(
      history!.map(({ stream, revision, type }) => [stream.split('-')[0], revision, type]),
    ).toEqual([
      ['channel', 0, 'ChannelConnected'],
      ['channel', 1, 'ChannelDisconnected'],
      ...announcedEffects.map((_, n) => ['disconnection', n, 'EffectFinished']),
      ['disconnection', announcedEffects.length, 'DisconnectionCompleted'],
    ]);
    expect(history![0]).toMatchObject({
      at: expect.stringMatching(/Z$/) as string,
      actor: expect.stringMatching(/^usr_/) as string,
      correlationId: expect.stringMatching(/^req_/) as string,
      data: { handle: '@brand' },
    });
  });

  it('what is no id is told from what nobody knows', async () => {
    await expect(show('soc_1')).rejects.toThrow(WrongUsage);
    await expect(show(aChannelId(), true)).rejects.toThrow(NothingFound);
    const receipt = showReceipt(settings, aChannelId(), { verify: false });
    await expect(receipt).rejects.toThrow(NothingFound);
    const { channelId } = (await connectedChannel(effects)).data;
    const early = showReceipt(settings, channelId, { verify: false });
    await expect(early).rejects.toThrow(
      new NothingFound(`${channelId} is connected: there is no receipt`),
    );
  });

  it('the list has what is open, what is missing of it, and what is overdue or stuck', async () => {
    const done = await doneChannel();
    const fresh = await projected(await disconnectedAgo(minute));
    const late = await projected(await disconnectedAgo(16 * minute));
    const overdue = await projected(await disconnectedAgo(21 * 60 * minute));
    const parked = await projected(await disconnectedAgo(minute));
    await effects.dataSource.query(
      `INSERT INTO effects.work (effect, channel_id, state, parked_at, error)
       VALUES ('token-wipe', $1, 'parked', now(), 'a reason')`,
      [parked],
    );
    const list = await listDisconnections(settings);
    const found = (id: ChannelId): OpenDisconnection | undefined =>
      list.find(({ channelId }) => channelId === id);
    expect(found(done)).toBeUndefined();
    expect(found(fresh)).toMatchObject({
      status: 'PENDING',
      isOverdue: false,
      isStuck: false,
      missing: announcedEffects.map((effect) => ({ effect, state: 'unasked', error: null })),
    });
    expect(found(late)).toMatchObject({ isOverdue: false, isStuck: true });
    expect(found(overdue)).toMatchObject({ isOverdue: true, isStuck: true });
    expect(found(parked)).toMatchObject({ isOverdue: false, isStuck: true });
    expect(found(parked)!.missing).toContainEqual({
      effect: 'token-wipe',
      state: 'parked',
      error: 'a reason',
    });
    const deadlines = list.map(({ deadline }) => deadline);
    expect(deadlines).toEqual([...deadlines].sort());
  });

  it('the list has what a restored database lacks, although the receipt is completed', async () => {
    const channelId = await doneChannel();
    const end = (await effects.store.readLast(channelStream(channelId)))!;
    await effects.dataSource.transaction((manager) => effects.reconciler.apply(manager, [end]));
    const isListed = async (): Promise<boolean> =>
      (await listDisconnections(settings)).some((one) => one.channelId === channelId);
    expect(await isListed()).toBe(false);
    await effects.dataSource.query(
      `UPDATE effects.work SET state = 'pending', outcome = NULL WHERE channel_id = $1`,
      [channelId],
    );
    expect(await isListed()).toBe(true);
    await effects.dataSource.query('DELETE FROM effects.work WHERE channel_id = $1', [channelId]);
    const [listed] = (await listDisconnections(settings)).filter(
      (one) => one.channelId === channelId,
    );
    expect(listed!.missing.map(({ effect, state }) => [effect, state]).sort()).toEqual(
      announcedEffects.map((effect) => [effect, 'unasked']).sort(),
    );
  });

  it('the receipt is signed like that of REST with the key file, and says so without', async () => {
    const channelId = await doneChannel();
    const { receipt, checks } = await showReceipt(settings, channelId, { verify: false });
    expect(checks).toEqual([]);
    expect(receipt).toMatchObject({ accountId: channelId, status: 'COMPLETED' });
    const keys = publicKeysOf(readReceiptKeys(settings.receiptKeyFile));
    expect(await verifyReceipt(receipt, keys)).toMatchObject({ isGenuine: true });
    const without = { ...settings, receiptKeyFile: '' };
    const unsigned = await showReceipt(without, channelId, { verify: false });
    expect(unsigned.receipt).toEqual({ ...receipt, signature: null });
  });

  const verify = async (channelId: ChannelId): Promise<string[]> => {
    const { checks } = await showReceipt(settings, channelId, { verify: true });
    return checks.filter(({ isOk }) => !isOk).map(({ what, found }) => `${what}: ${found}`);
  };

  it('given a disconnect that is done or under way, then every check of its receipt is ok', async () => {
    const done = await doneChannel();
    const { checks } = await showReceipt(settings, done, { verify: true });
    expect(checks.map(({ isOk }) => isOk)).toEqual(Array.from({ length: 12 }, () => true));
    const fresh = await projected(await disconnectedAgo(minute));
    expect(await verify(fresh)).toEqual([]);
  });

  const plants: [string, (channelId: ChannelId) => Promise<unknown>, RegExp[]][] = [
    ...announcedEffects.map((effect): (typeof plants)[number] => [
      `a survivor of ${effect}`,
      (channelId) => plantSurvivor(effects.dataSource, effect, channelId),
      [
        ...(effect === 'token-wipe' ? [/in the place of the tokens: the tokens are there$/] : []),
        new RegExp(`: ${effect} is done, and some are there$`),
      ],
    ]),
    [
      'another outcome in the read model',
      (channelId) =>
        effects.dataSource.query(
          `UPDATE read_model.receipts
              SET receipt = jsonb_set(receipt, '{effects,1,counts,deleted}', '999')
            WHERE channel_id = $1`,
          [channelId],
        ),
      [/^the read model shows the receipt that the streams tell: other effects$/],
    ],
    [
      'no row in the read model',
      (channelId) =>
        effects.dataSource.query('DELETE FROM read_model.receipts WHERE channel_id = $1', [
          channelId,
        ]),
      [/^the read model .*: there is no row$/],
    ],
    [
      'no ending',
      (channelId) =>
        behindTheFence(effects.dataSource, (manager) =>
          manager.query('DELETE FROM registry.endings WHERE channel_id = $1', [channelId]),
        ),
      [/^the registry has the channel ended: ending none, state ended$/],
    ],
    [
      'an effect that this database has never had',
      (channelId) =>
        effects.dataSource.query(`DELETE FROM effects.work WHERE channel_id = $1 AND effect = $2`, [
          channelId,
          'comments-purge' satisfies EffectName,
        ]),
      [/^comments-purge has ended as DONE in this database, too: nobody was asked for it$/],
    ],
  ];

  it.each(plants)('given %s, then exactly that check is not ok', async (_, plant, lines) => {
    const channelId = await doneChannel();
    await plant(channelId);
    const found = await verify(channelId);
    expect(found).toEqual(lines.map((line) => expect.stringMatching(line) as string));
  });
});
