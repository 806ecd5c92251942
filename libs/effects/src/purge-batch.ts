import type { EntityManager } from 'typeorm';
import type { ChannelId } from '@app/domain';
import type { EffectStep } from './effect';

/** Cached rows of a channel, with an index on (channel_id, id). */
export type PurgedTable = 'insights.analytics_snapshots' | 'insights.comments';

/**
 * Rows in one transaction: a few milliseconds of work, whatever the channel has, so that a commit of
 * somebody else that falls into it is not held up for longer.
 */
export const purgeBatchSize = 250;

/**
 * Deletes the next rows of a channel, in the order of their ids, by their places: whatever the
 * statistics say of a table that is growing, no plan of it reads other channels' rows.
 *
 * @param after the last id that an earlier batch has deleted: what lies before it is dead, but may
 *   be in the index for as long as somebody's old snapshot could see it
 */
export async function purgeBatch(
  manager: EntityManager,
  table: PurgedTable,
  channelId: ChannelId,
  after = '',
): Promise<EffectStep> {
  const [{ deleted, last }]: [{ deleted: number; last: string | null }] = await manager.query(
    `WITH gone AS (
       DELETE FROM ${table}
        WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM ${table} WHERE channel_id = $1 AND id > $2
                 ORDER BY id LIMIT $3 FOR UPDATE))
       RETURNING id)
     SELECT count(*)::int AS deleted, max(id) AS last FROM gone`,
    [channelId, after, purgeBatchSize],
  );
  const counts = { deleted };
  if (last !== null && deleted === purgeBatchSize) return { counts, more: true, next: last };
  // The last one by its size: looked up, since the receipt vouches for it. What is left after all
  // is purged from the start again.
  const more = await hasRows(manager, table, channelId);
  if (more && deleted === 0 && after === '') throw new Error(`${table}: rows that stay`);
  return { counts, more };
}

async function hasRows(
  manager: EntityManager,
  table: PurgedTable,
  channelId: ChannelId,
): Promise<boolean> {
  const rows: unknown[] = await manager.query(
    `SELECT 1 FROM ${table} WHERE channel_id = $1 LIMIT 1`,
    [channelId],
  );
  return rows.length > 0;
}
