import { randomUUID } from 'node:crypto';
import type { ReceivedMessage } from '@app/kafka';
import { channelsTopic, encodeCloudEvent } from '@app/contracts';
import type { ChannelConnected, ChannelId, PlannedEffect } from '@app/domain';
import { announcedEffects } from '@app/domain';
import { channelStream } from '@app/event-store';
import {
  aContext,
  aWorkspaceId,
  connected,
  disconnected,
  requestedAt,
  waitFor,
} from '@app/testing';
import type { EffectsUnderTest } from './effects-under-test';
import { patience } from './effects-under-test';

/** A channel that is connected: its stream, its claim and its sealed tokens. */
export async function connectedChannel(
  effects: EffectsUnderTest,
  account: Partial<ChannelConnected['data']> = {},
): Promise<ChannelConnected> {
  const start = connected(account);
  const { channelId } = start.data;
  // As a connect does it: a registrar that sees the event finds the claim.
  await claimedChannel(effects, start, 'live');
  await effects.store.append(channelStream(channelId), 'no_stream', [start], aContext());
  return start;
}

/** The claim and the sealed tokens of a channel: all that there is while a connect is under way. */
export async function claimedChannel(
  { dataSource }: EffectsUnderTest,
  { data }: ChannelConnected,
  state: 'opening' | 'live',
): Promise<void> {
  const { channelId, workspaceId, platform, externalId, grantRef } = data;
  await dataSource.query(
    `INSERT INTO registry.channels (id, workspace_id, platform, external_id, grant_ref, state)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [channelId, workspaceId, platform, externalId, grantRef, state],
  );
  await dataSource.query(
    `INSERT INTO vault.tokens (channel_id, workspace_id, version, key_id, wrapped_key, sealed_tokens)
     VALUES ($1, $2, 1, 'kek', 'wrapped', 'sealed')`,
    [channelId, workspaceId],
  );
}

/** Ends the channel's stream; everything else of the disconnect is still to come. */
export async function disconnect(
  { store }: EffectsUnderTest,
  start: ChannelConnected,
  plan?: readonly PlannedEffect[],
): Promise<void> {
  const end = disconnected(start, plan ? { plan } : {});
  await store.append(channelStream(start.data.channelId), 0, [end], aContext());
}

export async function disconnectedChannel(effects: EffectsUnderTest): Promise<ChannelId> {
  const start = await connectedChannel(effects);
  await disconnect(effects, start);
  return start.data.channelId;
}

/** So many cached analytics and comments of a channel. */
export async function cachedRows(
  { dataSource }: EffectsUnderTest,
  channelId: ChannelId,
  count: number,
): Promise<void> {
  await dataSource.query(
    `INSERT INTO insights.analytics_snapshots (id, channel_id, captured_at, payload)
     SELECT $1 || ':' || n, $1, now(), '{}' FROM generate_series(1, $2::int) n`,
    [channelId, count],
  );
  await dataSource.query(
    `INSERT INTO insights.comments (id, channel_id, external_comment_id, author, body, received_at)
     SELECT $1 || ':' || n, $1, n, 'someone', 'words', now() FROM generate_series(1, $2::int) n`,
    [channelId, count],
  );
}

/** How many cached rows a channel has. */
export async function countCached({ dataSource }: EffectsUnderTest, channelId: ChannelId) {
  const [counts]: { analytics: number; comments: number }[] = await dataSource.query(
    `SELECT (SELECT count(*)::int FROM insights.analytics_snapshots WHERE channel_id = $1) AS analytics,
            (SELECT count(*)::int FROM insights.comments WHERE channel_id = $1) AS comments`,
    [channelId],
  );
  return counts!;
}

/** Somebody who writes content of the channel: whoever ends it waits for them. */
export async function insideTheFence({ dataSource }: EffectsUnderTest, channelId: ChannelId) {
  const writer = dataSource.createQueryRunner();
  await writer.startTransaction();
  const [own] = await writer.manager.query<{ pid: number }[]>(
    `SELECT pg_backend_pid() AS pid FROM registry.channels WHERE id = $1 FOR KEY SHARE`,
    [channelId],
  );
  return {
    /** Until somebody waits; the server process that does. */
    holdsUp: (): Promise<number> =>
      waitFor(async () => {
        const [waiting]: { pid: number }[] = await dataSource.query(
          `SELECT pid FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))`,
          [own!.pid],
        );
        return waiting?.pid;
      }),
    leave: async (): Promise<void> => {
      await writer.commitTransaction();
      await writer.release();
    },
  };
}

let offset = 0;

/** The announcement of a disconnect, true or not, as Kafka delivers it. */
export function announcement(
  channelId: ChannelId,
  given: Partial<ReceivedMessage> = {},
): ReceivedMessage {
  const { key, headers, value } = encodeCloudEvent({
    id: randomUUID(),
    type: 'ai.postbreeze.channel.disconnected.v1',
    subject: channelId,
    time: requestedAt,
    streamrevision: 1,
    data: {
      channelId,
      workspaceId: aWorkspaceId(),
      platform: 'INSTAGRAM',
      status: 'DISCONNECTED',
      disconnectedAt: requestedAt,
    },
  });
  return {
    topic: channelsTopic,
    partition: 0,
    offset: String(offset++),
    key,
    headers,
    value: Buffer.from(value),
    ...given,
  };
}

/** Every effect hears of the disconnect and is tried, in the domain's order. */
export async function bringAboutAll(effects: EffectsUnderTest, channelId: ChannelId) {
  const message = announcement(channelId);
  for (const effect of announcedEffects) {
    await effects.inbox.receive(effect, message);
    await effects.worker.run({ effect, channelId }, patience);
  }
}
