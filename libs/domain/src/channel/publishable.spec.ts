import {
  abandoned,
  accessRevoked,
  connected,
  disconnected,
  reauthorized,
  refreshed,
  refreshFailed,
} from '@app/testing';
import { DomainError } from '../domain-error';
import { evolveChannel, unbornChannel } from './channel';
import type { ChannelEvent } from './channel-events';
import { requirePublishable } from './publishable';

const start = connected();
const [back, fresh, failed, revoked, end] = [
  reauthorized(start),
  refreshed(start),
  refreshFailed(start),
  accessRevoked(start),
  disconnected(start),
];
const expired = refreshFailed(start, { permanent: true });

/** What the whole stream says, folded. */
function statusOf(events: readonly ChannelEvent[]): string {
  const channel = events.reduce(evolveChannel, unbornChannel);
  return channel.kind === 'LIVE' || channel.kind === 'DISCONNECTED'
    ? channel.row.status
    : channel.kind;
}

function refusalOf(last: ChannelEvent | undefined): string {
  try {
    requirePublishable(last);
    return 'none';
  } catch (error) {
    return error instanceof DomainError ? error.code : String(error);
  }
}

const refusals: Readonly<Record<string, string>> = {
  ACTIVE: 'none',
  TOKEN_EXPIRED: 'REAUTHORIZATION_REQUIRED',
  REVOKED: 'REAUTHORIZATION_REQUIRED',
  DISCONNECTED: 'CHANNEL_DISCONNECTED',
  UNBORN: 'CHANNEL_NOT_FOUND',
  ABANDONED: 'CHANNEL_NOT_FOUND',
};

it.each<[string, ChannelEvent[]]>([
  ['nothing', []],
  ['connected', [start]],
  ['abandoned', [abandoned(start.data.channelId)]],
  ['refreshed', [start, fresh]],
  ['a failure', [start, failed]],
  ['a failure after a refresh', [start, fresh, failed]],
  ['expired', [start, failed, expired]],
  ['revoked', [start, revoked]],
  ['expired, then revoked', [start, expired, revoked]],
  ['revoked, then reauthorized', [start, revoked, back]],
  ['expired, then reauthorized, then a failure', [start, expired, back, failed]],
  ['disconnected', [start, end]],
  ['revoked, then disconnected', [start, revoked, end]],
])('by its last event alone a channel is what its whole stream says: %s', (_, events) => {
  expect(refusalOf(events.at(-1))).toBe(refusals[statusOf(events)]);
});
