import type { EntityManager } from 'typeorm';
import type { ChannelId, ChannelReauthorized, ChannelTokenRefreshed } from '@app/domain';
import type { EventContext } from '@app/event-store';
import { addJob } from '@app/jobs';

/** What records that a channel's tokens were replaced. */
export type TokensReplaced = ChannelReauthorized | ChannelTokenRefreshed;

/**
 * The event of new tokens, kept in their vault row until it stands in the stream. Its context's
 * `causationId` is its request's and no other's, which tells whether it stands there.
 */
export interface PendingTokenEvent {
  readonly event: TokensReplaced;
  readonly context: EventContext;
}

/** The job that carries a pending event into the stream. */
export const finishTokenEventTask = 'finish-token-event';
/** Milliseconds that a request has to do it itself. */
const graceMs = 5_000;

/** Has a process carry the event into the stream, should the one that stores it die. */
export function requestFinishing(manager: EntityManager, channelId: ChannelId): Promise<void> {
  return addJob(manager, {
    task: finishTokenEventTask,
    payload: { channelId },
    key: `${finishTokenEventTask}:${channelId}`,
    runAfterMs: graceMs,
  });
}

/** The event that the channel's stream still lacks. */
export async function pendingEventOf(
  manager: EntityManager,
  channelId: ChannelId,
): Promise<PendingTokenEvent | undefined> {
  const rows: { pending: PendingTokenEvent }[] = await manager.query(
    `SELECT pending_event AS pending FROM vault.tokens
      WHERE channel_id = $1 AND pending_event IS NOT NULL`,
    [channelId],
  );
  return rows[0]?.pending;
}

/** Forgets exactly this event: it is recorded, or never can be. Nothing when it is gone already. */
export async function forgetPending(
  manager: EntityManager,
  channelId: ChannelId,
  { context }: PendingTokenEvent,
): Promise<void> {
  await manager.query(
    `UPDATE vault.tokens SET pending_event = NULL
      WHERE channel_id = $1 AND pending_event #>> '{context,causationId}' = $2`,
    [channelId, context.causationId],
  );
}
