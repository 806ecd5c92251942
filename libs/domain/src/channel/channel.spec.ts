import { abandoned, connected, deciderOf, disconnected, requestedAt } from '@app/testing';
import { planDisconnection } from '../disconnection/effect';
import type { Channel } from './channel';
import { abandonConnect, connect, disconnect, evolveChannel, unbornChannel } from './channel';
import type { ChannelEvent } from './channel-events';
import type { ChannelRow } from './channel-row';
import { rowOf } from './channel-row';

const channel = deciderOf<Channel, ChannelEvent>({
  initial: unbornChannel,
  evolve: evolveChannel,
});
const start = connected();
const end = disconnected(start);
const { channelId } = start.data;

describe('connecting', () => {
  const connecting = (state: Channel) => connect(state, start.data);

  it('begins a channel', () => {
    channel.given([]).when(connecting).then([start]);
  });

  it('decides nothing when it is repeated', () => {
    channel.given([start]).when(connecting).then([]);
  });

  it('is refused on an id that has ended: it is used once', () => {
    channel.given([start, end]).when(connecting).then([]);
  });

  it('is refused on an id that was given up', () => {
    channel
      .given([abandoned(channelId)])
      .when(connecting)
      .thenThrows('CONNECT_ABANDONED');
  });
});

describe('disconnecting', () => {
  const request = {
    now: requestedAt,
    actor: end.data.requestedBy,
    reason: 'USER_REQUEST',
    plan: planDisconnection(requestedAt, 20),
  } as const;
  const disconnecting = (state: Channel) => disconnect(state, request);

  it('ends a live channel, with who asked, why, and the whole plan', () => {
    channel.given([start]).when(disconnecting).then([end]);
  });

  it('decides nothing the second time: the first one stands', () => {
    channel
      .given([start, end])
      .when((state) => disconnect(state, { ...request, actor: 'somebody else' }))
      .then([]);
  });

  it('is refused where there never was a channel', () => {
    channel.given([]).when(disconnecting).thenThrows('CHANNEL_NOT_FOUND');
  });

  it('is refused where a connect was given up', () => {
    channel
      .given([abandoned(channelId)])
      .when(disconnecting)
      .thenThrows('CHANNEL_NOT_FOUND');
  });
});

describe('giving up a connect', () => {
  const givingUp = (state: Channel) => abandonConnect(state, { channelId, now: requestedAt });

  it('is final where nothing was appended', () => {
    channel
      .given([])
      .when(givingUp)
      .then([abandoned(channelId)]);
  });

  it.each([
    ['the connect finished after all', [start]],
    ['the channel has ended', [start, end]],
    ['it was given up already', [abandoned(channelId)]],
  ])('decides nothing when %s', (_, events: ChannelEvent[]) => {
    channel.given(events).when(givingUp).then([]);
  });
});

describe('a channel', () => {
  const after = (...events: ChannelEvent[]) => events.reduce(evolveChannel, unbornChannel);

  it('shows all 17 fields of the row, from its first event on', () => {
    const row: ChannelRow = {
      id: channelId,
      workspaceId: start.data.workspaceId,
      platform: 'INSTAGRAM',
      externalId: start.data.externalId,
      handle: '@brand',
      displayName: 'Brand',
      avatarUrl: null,
      status: 'ACTIVE',
      scopes: ['instagram_basic', 'instagram_content_publish'],
      connectedAt: start.data.connectedAt,
      lastRefreshedAt: null,
      tokenExpiresAt: null,
      lastRefreshAttemptAt: null,
      lastRefreshError: null,
      lastRefreshErrorStatus: null,
      meta: {},
      defaultBoardId: null,
    };
    expect(after(start)).toEqual({ kind: 'LIVE', row });
    expect(Object.keys(row)).toHaveLength(17);
  });

  it('keeps its row when it ends, but for the status', () => {
    expect(after(start, end)).toEqual({
      kind: 'DISCONNECTED',
      row: { ...rowOf(start.data), status: 'DISCONNECTED' },
      end: end.data,
    });
  });

  it.each([
    ['one that was never connected', []],
    ['one that has ended', [start, end]],
    ['one that was given up', [abandoned(channelId)]],
  ])('refuses a stream that ends %s', (_, events: ChannelEvent[]) => {
    expect(() => evolveChannel(after(...events), end)).toThrow('The stream is broken');
  });

  it('refuses an event that it does not know', () => {
    const unknown = { type: 'ChannelRenamed', data: {} } as unknown as ChannelEvent;
    expect(() => evolveChannel(after(start), unknown)).toThrow('ChannelRenamed');
  });
});
