import type { DataSource, EntityManager } from 'typeorm';
import type { ChannelId } from '@app/domain';
import { aChannelId, aWorkspaceId } from '@app/testing';

/** A channel that has nothing but its row in the registry; live, so that others may write for it. */
export async function registeredChannel(
  dataSource: DataSource,
  state: 'opening' | 'live' | 'ended' = 'live',
): Promise<ChannelId> {
  const channelId = aChannelId();
  await dataSource.query(
    `INSERT INTO registry.channels (id, workspace_id, platform, external_id, grant_ref, state)
     VALUES ($1, $2, 'INSTAGRAM', $1, repeat('a0', 32), $3)`,
    [channelId, aWorkspaceId(), state],
  );
  return channelId;
}

/**
 * Writes what the fence would refuse, as if it had been there before, or the fence had a hole: a
 * survivor that has to be found.
 */
export async function behindTheFence<T>(
  dataSource: DataSource,
  write: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  return dataSource.transaction(async (manager) => {
    await manager.query('SET LOCAL session_replication_role = replica');
    return write(manager);
  });
}
