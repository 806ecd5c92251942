import type { EntityManager } from 'typeorm';
import type { ChannelId, EffectName } from '@app/domain';
import { isId } from '@app/domain';

/** The jobs that aren't an effect's; an effect's job is called by the effect's own name. */
export const recordTask = 'record';
export const sweepTask = 'sweep';

/** What every job about a channel carries; the rest stands in the work row. */
export interface ChannelJob {
  readonly channelId: ChannelId;
}

/** @throws Error for a payload that nobody here has written */
export function channelIdOf(payload: unknown): ChannelId {
  const { channelId } = payload as Partial<ChannelJob>;
  if (!isId('channel', channelId)) throw new Error('a job without a channel');
  return channelId;
}

/**
 * Asks for an effect on a channel, in the caller's transaction. One job waits for each at most.
 *
 * No queue: an effect is serialized by the lock of its work row, which dies with its connection. A
 * queue that a killed worker has locked stays locked for four hours, also for a new job.
 */
export function requestEffect(
  manager: EntityManager,
  effect: EffectName,
  channelId: ChannelId,
): Promise<void> {
  return addJob(manager, effect, { channelId }, `${effect}:${channelId}`);
}

/** Asks for the outcomes of a channel's effects to be recorded, in the caller's transaction. */
export function requestRecording(manager: EntityManager, channelId: ChannelId): Promise<void> {
  return addJob(manager, recordTask, { channelId }, `record:${channelId}`);
}

/**
 * A job that runs already doesn't know what is asked for now, so a second one is added beside it.
 * When it begins to run in the middle of `add_job`, that adds none and answers no id: asked
 * again, it does.
 */
async function addJob(
  manager: EntityManager,
  task: string,
  payload: ChannelJob,
  key: string,
): Promise<void> {
  for (;;) {
    const [job]: { id: string | null }[] = await manager.query(
      'SELECT id FROM graphile_worker.add_job($1, $2::json, job_key => $3)',
      [task, JSON.stringify(payload), key],
    );
    if (job?.id) return;
  }
}
