import type { ChannelConnected, ChannelEvent, ChannelRow } from '@app/domain';
import {
  announcedEffects,
  effectNames,
  evolveChannel,
  openReceipt,
  unbornChannel,
} from '@app/domain';
import {
  accessRevoked,
  connected,
  disconnected,
  reauthorized,
  refreshed,
  refreshFailed,
} from '@app/testing';
import type { KnownChannel } from './lost-life';
import { lostEnd, lostLife } from './lost-life';

function rowAfter(events: readonly ChannelEvent[]): ChannelRow {
  const channel = events.reduce(evolveChannel, unbornChannel);
  if (channel.kind !== 'LIVE') throw new Error(`It is ${channel.kind}`);
  return channel.row;
}

function known(start: ChannelConnected, facts: Partial<KnownChannel> = {}): KnownChannel {
  const { channelId, workspaceId, platform, externalId, grantRef, connectedAt } = start.data;
  return {
    ...{ channelId, workspaceId, platform, externalId, grantRef, openedAt: connectedAt },
    ...{ tokenVersion: 3, isWiped: false, endedAt: null, deadline: null },
    ...{ row: null, receipt: null, askedFor: [] },
    ...facts,
  };
}

describe('The life of a channel whose stream is lost', () => {
  const start = connected({ platform: 'PINTEREST', meta: { tier: 'pro' }, defaultBoardId: 'b1' });
  const invalid = { reason: 'invalid_grant', platformStatus: 400, permanent: true };

  it.each<[string, ChannelEvent[]]>([
    ['connected', []],
    ['refreshed', [refreshed(start)]],
    ['refreshed, then failing', [refreshed(start), refreshFailed(start)]],
    ['expired', [refreshFailed(start, invalid)]],
    ['withdrawn', [refreshed(start), accessRevoked(start)]],
    ['withdrawn while failing', [refreshFailed(start), accessRevoked(start)]],
    ['reauthorized', [accessRevoked(start), reauthorized(start)]],
  ])('comes to the row that readers saw: %s', (_, events) => {
    const row = rowAfter([start, ...events]);
    expect(rowAfter(lostLife(known(start, { row })))).toEqual(row);
  });

  it('says of the tokens which ones they are', () => {
    const row = rowAfter([start, refreshed(start)]);
    expect(lostLife(known(start, { row }))).toContainEqual(refreshed(start, { tokenVersion: 3 }));
  });

  it.each<[string, ChannelEvent[]]>([
    ['tried to refresh', [refreshed(start), refreshFailed(start), accessRevoked(start)]],
    ['connected', [accessRevoked(start)]],
  ])('says of a withdrawn grant no later time than is known: last %s', (_, events) => {
    const row = rowAfter([start, ...events]);
    const { type, data } = lostLife(known(start, { row })).at(-1)!;
    const { channelId, workspaceId, platform } = start.data;
    const revokedAt = row.lastRefreshAttemptAt ?? row.connectedAt;
    expect(row.lastRefreshAttemptAt === null).toBe(events.length === 1);
    expect([type, data]).toEqual([
      'ChannelAccessRevoked',
      { channelId, workspaceId, platform, revokedAt },
    ]);
  });

  it('is what its claim says where no reader saw it: to publish, it has to be reauthorized', () => {
    const { id, externalId, connectedAt } = rowAfter([start]);
    expect(rowAfter(lostLife(known(start)))).toMatchObject({
      ...{ id, externalId, connectedAt },
      ...{ handle: externalId, scopes: [], status: 'ACTIVE' },
    });
  });
});

describe('A disconnect that is lost', () => {
  const start = connected();
  const end = disconnected(start);
  const defaults = { deadlineHours: 20, effects: announcedEffects };

  it('is the one that its receipt tells of', () => {
    const receipt = openReceipt(end.data);
    expect(
      lostEnd(known(start, { receipt }), end.data.requestedAt, { ...defaults, deadlineHours: 1 }),
    ).toEqual(end);
  });

  it('without a receipt promises every effect, and what was asked for', () => {
    const askedFor = ['grant-revocation', 'token-wipe'] as const;
    const { data } = lostEnd(known(start, { askedFor }), end.data.requestedAt, defaults);
    const revocation = { ...end.data.plan[0]!, effect: 'grant-revocation' };
    expect(data).toEqual({
      ...end.data,
      requestedBy: 'unknown',
      plan: [...end.data.plan, revocation],
    });
  });
  it.each([
    ['promises the withdrawal of its grant where grants are withdrawn', false, effectNames],
    ['does not, if its tokens are gone and nobody has asked for it', true, announcedEffects],
  ])('without a receipt %s', (_, isWiped, planned) => {
    const wanted = { ...defaults, effects: effectNames };
    const { plan } = lostEnd(known(start, { isWiped }), end.data.requestedAt, wanted).data;
    expect(plan.map(({ effect }) => effect)).toEqual(planned);
  });
});
