import { createHash } from 'node:crypto';
import type { Channel, ChannelConnected, ChannelEvent } from '@app/domain';
import {
  disconnect,
  evolveChannel,
  planDisconnection,
  platforms,
  reauthorize,
  recordRefresh,
  recordRefreshFailure,
  revokeAccess,
  unbornChannel,
} from '@app/domain';
import { connected, connectedAt } from '@app/testing';

/** A draw below `bound`. */
type Draw = (bound: number) => number;

/** The same draws for the same seed, so that a failure can be drawn again. */
function drawsOf(seed: string): Draw {
  let count = 0;
  return (bound) => {
    const digest = createHash('sha256').update(`${seed} ${count++}`).digest();
    return digest.readUInt32BE(0) % bound;
  };
}

/** What may happen to a live channel, as the deciders allow it: nothing when they refuse. */
const happenings: readonly ((
  channel: Channel,
  now: string,
  draw: Draw,
) => readonly ChannelEvent[])[] = [
  (channel, now, draw) =>
    recordRefresh(channel, { now, tokenExpiresAt: someTime(draw), tokenVersion: draw(100) + 2 }),
  (channel, now, draw) =>
    recordRefreshFailure(channel, {
      now,
      reason: ['temporarily_unavailable', 'invalid_grant', 'it\'s "broken" – 🙂'][draw(3)]!,
      platformStatus: [400, 503, null][draw(3)]!,
      permanent: draw(4) === 0,
    }),
  (channel, now) => revokeAccess(channel, { now }),
  (channel, now, draw) =>
    reauthorize(channel, {
      now,
      actor: 'usr_somebody',
      scopes: ['read', 'write', 'a "quoted", scope'].slice(draw(4)),
      grantRef: `grant-${draw(3)}`,
      grantedAt: now,
      tokenExpiresAt: someTime(draw),
    }),
];

/** A channel's life by chance, every step of it legal; about half of them end. */
export function randomLife(seed: string): [ChannelConnected, ...ChannelEvent[]] {
  const draw = drawsOf(seed);
  const platform = platforms[draw(platforms.length)]!;
  const start = connected({ platform, tokenExpiresAt: someTime(draw) });
  const life: [ChannelConnected, ...ChannelEvent[]] = [start];
  let channel = evolveChannel(unbornChannel, start);
  let now = Date.parse(connectedAt);
  const live = (events: readonly ChannelEvent[]): void => {
    channel = events.reduce(evolveChannel, channel);
    life.push(...events);
  };
  for (let step = draw(12); step > 0; step--) {
    now += 1 + draw(5_400_000);
    live(unlessRefused(() => happenings[draw(4)]!(channel, new Date(now).toISOString(), draw)));
  }
  if (draw(2) === 0) {
    const end = new Date(now + 1).toISOString();
    const plan = planDisconnection(end, 20);
    live(disconnect(channel, { now: end, actor: 'usr_somebody', reason: 'USER_REQUEST', plan }));
  }
  return life;
}

function someTime(draw: Draw): string | null {
  return draw(3) === 0 ? null : new Date(1_800_000_000_000 + draw(1e9)).toISOString();
}

function unlessRefused(decide: () => readonly ChannelEvent[]): readonly ChannelEvent[] {
  try {
    return decide();
  } catch {
    return [];
  }
}
