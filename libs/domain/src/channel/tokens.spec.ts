import {
  abandoned,
  accessRevoked,
  connected,
  deciderOf,
  disconnected,
  reauthorized,
  refreshed,
  refreshedAt,
  refreshFailed,
} from '@app/testing';
import { planDisconnection } from '../disconnection/effect';
import type { DomainErrorCode } from '../domain-error';
import type { Channel } from './channel';
import { disconnect, evolveChannel, unbornChannel } from './channel';
import type { ChannelEvent } from './channel-events';
import type { RefreshFailure } from './tokens';
import { reauthorize, recordRefresh, recordRefreshFailure, revokeAccess } from './tokens';

const channel = deciderOf<Channel, ChannelEvent>({
  initial: unbornChannel,
  evolve: evolveChannel,
});
const start = connected();
const revoked = accessRevoked(start);
const expired = refreshFailed(start, { permanent: true });
const end = disconnected(start);

const { reauthorizedAt, reauthorizedBy, scopes, grantRef, grantedAt, tokenExpiresAt } =
  reauthorized(start).data;
const reauthorizing = (state: Channel) =>
  reauthorize(state, {
    now: reauthorizedAt,
    actor: reauthorizedBy,
    ...{ scopes, grantRef, grantedAt, tokenExpiresAt },
  });
const refreshing = (state: Channel) =>
  recordRefresh(state, { now: refreshedAt, tokenExpiresAt, tokenVersion: 2 });
const failing =
  (failure: Partial<RefreshFailure> = {}) =>
  (state: Channel) => {
    const { attemptedAt: now, reason, platformStatus, permanent } = refreshFailed(start).data;
    return recordRefreshFailure(state, { now, reason, platformStatus, permanent, ...failure });
  };
const revoking = (state: Channel) => revokeAccess(state, { now: refreshedAt });

/** Whatever a channel is, what each decision about its tokens comes to. */
const decisions = { reauthorizing, refreshing, failing: failing(), revoking };
type Outcomes = Readonly<Record<keyof typeof decisions, DomainErrorCode | readonly ChannelEvent[]>>;
const back = [reauthorized(start, { reauthorizedBy })];
const nothing: Outcomes = {
  reauthorizing: 'CHANNEL_NOT_FOUND',
  refreshing: 'CHANNEL_NOT_FOUND',
  failing: 'CHANNEL_NOT_FOUND',
  revoking: 'CHANNEL_NOT_FOUND',
};

describe.each<[string, ChannelEvent[], Outcomes]>([
  ['that never was', [], nothing],
  ['whose connect was given up', [abandoned(start.data.channelId)], nothing],
  [
    'that is ACTIVE',
    [start],
    {
      reauthorizing: back,
      refreshing: [refreshed(start)],
      failing: [refreshFailed(start)],
      revoking: [revoked],
    },
  ],
  [
    'that is TOKEN_EXPIRED',
    [start, expired],
    {
      reauthorizing: back,
      refreshing: 'REAUTHORIZATION_REQUIRED',
      failing: 'REAUTHORIZATION_REQUIRED',
      revoking: [revoked],
    },
  ],
  [
    'that is REVOKED',
    [start, revoked],
    {
      reauthorizing: back,
      refreshing: 'REAUTHORIZATION_REQUIRED',
      failing: 'REAUTHORIZATION_REQUIRED',
      revoking: [],
    },
  ],
  [
    'that is DISCONNECTED: nothing follows its end',
    [start, end],
    {
      reauthorizing: 'CHANNEL_DISCONNECTED',
      refreshing: 'CHANNEL_DISCONNECTED',
      failing: 'CHANNEL_DISCONNECTED',
      revoking: 'CHANNEL_DISCONNECTED',
    },
  ],
])('a channel %s', (_, events, outcomes) => {
  it.each(Object.keys(decisions) as (keyof Outcomes)[])('answers %s by the table', (name) => {
    const decided = channel.given(events).when(decisions[name]);
    const outcome = outcomes[name];
    if (typeof outcome === 'string') decided.thenThrows(outcome);
    else decided.then(outcome);
  });
});

describe('the same failure again', () => {
  const at = (minutes: number): string =>
    new Date(Date.parse(refreshedAt) + minutes * 60_000).toISOString();
  const failed = (minutes: number) => refreshFailed(start, { attemptedAt: at(minutes) });

  it('is no news within the hour', () => {
    channel
      .given([start, failed(0)])
      .when(failing({ now: at(59) }))
      .then([]);
  });

  it('is news after an hour, and from then on for an hour again', () => {
    const later = channel.given([start, failed(0)]).when(failing({ now: at(60) }));
    later.then([failed(60)]);
    channel
      .given([start, failed(0), failed(60)])
      .when(failing({ now: at(119) }))
      .then([]);
  });

  it.each<[string, Partial<RefreshFailure>]>([
    ['another reason', { reason: 'invalid_request' }],
    ['another status', { platformStatus: 500 }],
    ['no status', { platformStatus: null }],
    ['its permanence', { permanent: true }],
  ])('is news at once when it comes with %s', (_, change) => {
    const { now, ...data } = { now: at(1), ...change };
    channel
      .given([start, failed(0)])
      .when(failing({ now, ...data }))
      .then([refreshFailed(start, { attemptedAt: now, ...data })]);
  });

  it('is news once a refresh has succeeded in between', () => {
    const success = refreshed(start, { refreshedAt: at(1) });
    channel
      .given([start, failed(0), success])
      .when(failing({ now: at(2) }))
      .then([failed(2)]);
  });
});

describe('the row of a channel', () => {
  const rowAfter = (...events: ChannelEvent[]) => {
    const state = events.reduce(evolveChannel, unbornChannel);
    if (state.kind !== 'LIVE') throw new Error(state.kind);
    return state.row;
  };
  const fresh = rowAfter(start);
  const failure = refreshFailed(start, { attemptedAt: '2026-11-01T13:00:00.000Z' });

  it('shows when it was refreshed', () => {
    expect(rowAfter(start, refreshed(start))).toEqual({
      ...fresh,
      tokenExpiresAt,
      lastRefreshedAt: refreshedAt,
      lastRefreshAttemptAt: refreshedAt,
    });
  });

  it('shows the latest failure, and stays ACTIVE', () => {
    expect(rowAfter(start, refreshed(start), failure)).toEqual({
      ...rowAfter(start, refreshed(start)),
      lastRefreshAttemptAt: '2026-11-01T13:00:00.000Z',
      lastRefreshError: 'temporarily_unavailable',
      lastRefreshErrorStatus: 503,
    });
  });

  it('is TOKEN_EXPIRED by a permanent failure alone, never by a clock', () => {
    const past = connected({ tokenExpiresAt: '2000-01-01T00:00:00.000Z' });
    expect(rowAfter(past).status).toBe('ACTIVE');
    expect(rowAfter(start, failure).status).toBe('ACTIVE');
    expect(rowAfter(start, expired).status).toBe('TOKEN_EXPIRED');
  });

  it('is REVOKED when the platform withdrew the grant, also after it had expired', () => {
    expect(rowAfter(start, revoked)).toEqual({ ...fresh, status: 'REVOKED' });
    expect(rowAfter(start, expired, revoked).status).toBe('REVOKED');
  });

  it('forgets a failure when a refresh succeeds', () => {
    expect(rowAfter(start, failure, refreshed(start))).toEqual(rowAfter(start, refreshed(start)));
  });

  it.each([
    ['expired', expired],
    ['revoked', revoked],
  ])('is ACTIVE again, with the same id, when it is reauthorized after it was %s', (_, event) => {
    const attempted = event === expired ? { lastRefreshAttemptAt: refreshedAt } : {};
    expect(rowAfter(start, event, ...back)).toEqual({
      ...fresh,
      ...attempted,
      scopes: ['instagram_basic'],
      tokenExpiresAt,
    });
  });

  it.each([refreshed(start), expired, revoked, ...back])('begins with no $type', (event) => {
    expect(() => evolveChannel(unbornChannel, event)).toThrow('The stream is broken');
  });

  const givenUp = abandoned(start.data.channelId);
  it.each([start, refreshed(start), expired, revoked, ...back, end, givenUp])(
    'never goes on after its end: $type',
    (event) => {
      expect(() => [start, end, event].reduce(evolveChannel, unbornChannel)).toThrow(
        'The stream is broken',
      );
    },
  );

  it.each([refreshed(start), expired, revoked, ...back])('may end after $type', (event) => {
    const plan = planDisconnection(end.data.requestedAt, 20);
    const { requestedAt: now, requestedBy: actor, reason } = end.data;
    channel
      .given([start, event])
      .when((state) => disconnect(state, { now, actor, reason, plan }))
      .then([end]);
  });
});
