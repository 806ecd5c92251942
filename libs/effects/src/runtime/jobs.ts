import type { EntityManager } from 'typeorm';
import type { ChannelId } from '@app/domain';
import { isId } from '@app/domain';
import { addJob } from '@app/jobs';
import type { Work } from './work';

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
 * No queue: an effect is serialized by a lock of its try's connection, and dies with it. A queue that a
 * killed worker has locked stays locked for four hours, also for a new job.
 *
 * @param runAfterMs milliseconds on database time before which it isn't run; at once unless said
 */
export function requestEffect(
  manager: EntityManager,
  { effect, channelId }: Work,
  runAfterMs = 0,
): Promise<void> {
  const key = `${effect}:${channelId}`;
  return addJob(manager, { task: effect, payload: { channelId }, key, runAfterMs });
}

/** Asks for the outcomes of a channel's effects to be recorded, in the caller's transaction. */
export function requestRecording(manager: EntityManager, channelId: ChannelId): Promise<void> {
  return addJob(manager, { task: recordTask, payload: { channelId }, key: `record:${channelId}` });
}
