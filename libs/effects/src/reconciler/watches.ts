import type { EntityManager } from 'typeorm';
import type { ChannelDisconnected, ChannelId } from '@app/domain';
import { addJob } from '@app/jobs';

/** The job that looks after one disconnection. */
export const watchTask = 'watch';

/** A disconnection that isn't settled: a row of `effects.disconnections`. */
export interface OpenWatch {
  readonly alerted: boolean;
  readonly overdue: boolean;
  /** Database time. */
  readonly now: Date;
}

/** Begins to watch a disconnection; one that is watched already stays as it is. */
export async function beginWatch(
  manager: EntityManager,
  { channelId, requestedAt, plan }: ChannelDisconnected['data'],
  firstLookAfterMs: number,
): Promise<void> {
  const deadline = plan.reduce((last, one) => (one.deadline > last ? one.deadline : last), '');
  const begun: unknown[] = await manager.query(
    `INSERT INTO effects.disconnections (channel_id, requested_at, deadline) VALUES ($1, $2, $3)
     ON CONFLICT (channel_id) DO NOTHING RETURNING channel_id`,
    [channelId, requestedAt, deadline || requestedAt],
  );
  if (begun.length > 0) await requestLook(manager, channelId, firstLookAfterMs);
}

/** Has somebody look after it, on database time. */
export function requestLook(
  manager: EntityManager,
  channelId: ChannelId,
  runAfterMs: number,
): Promise<void> {
  const key = `${watchTask}:${channelId}`;
  return addJob(manager, { task: watchTask, payload: { channelId }, key, runAfterMs });
}

/** undefined when it is settled, or nobody watches it. */
export async function openWatch(
  manager: EntityManager,
  channelId: ChannelId,
): Promise<OpenWatch | undefined> {
  const rows: OpenWatch[] = await manager.query(
    `SELECT alerted_at IS NOT NULL AS alerted, overdue_at IS NOT NULL AS overdue,
            clock_timestamp() AS now
       FROM effects.disconnections WHERE channel_id = $1 AND settled_at IS NULL`,
    [channelId],
  );
  return rows[0];
}

/** What has been seen of it, once. */
export async function markWatch(
  manager: EntityManager,
  channelId: ChannelId,
  seen: 'alerted_at' | 'overdue_at' | 'settled_at',
): Promise<void> {
  await manager.query(
    `UPDATE effects.disconnections SET ${seen} = coalesce(${seen}, clock_timestamp())
      WHERE channel_id = $1`,
    [channelId],
  );
}
