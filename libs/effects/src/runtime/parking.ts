import type { EntityManager } from 'typeorm';
import type { ChannelId, EffectName, ParkedEffect } from '@app/domain';
import { scrubbed } from '@app/domain';
import type { Attempt, Work } from './work';

/** What is said of a try that nobody lived to tell about. */
const untold = 'the process ended in the middle of the last try';

/**
 * Keeps what went wrong, and parks the work when that was its last try: nobody does it until it is
 * redriven, and the disconnection stays open. Nothing of a try that another one has followed: it lost its
 * connection, and what comes of the work is for the later one to say.
 *
 * @param error of the try; undefined when one try too many has begun
 * @returns whether it is parked now
 */
export async function noteFailure(
  manager: EntityManager,
  { effect, channelId }: Work,
  { attempts }: Attempt,
  { error, maxTries }: { readonly error: unknown; readonly maxTries: number },
): Promise<boolean> {
  const reason = error === undefined ? null : scrubbed(messageOf(error));
  const [noted]: [{ state: string }[], number] = await manager.query(
    `UPDATE effects.work
        SET error = coalesce($3, error, $5),
            state = CASE WHEN tries >= $4 THEN 'parked' ELSE state END,
            parked_at = CASE WHEN tries >= $4 THEN clock_timestamp() END
      WHERE effect = $1 AND channel_id = $2 AND state = 'pending' AND attempts = $6
      RETURNING state`,
    [effect, channelId, reason, maxTries, untold, attempts],
  );
  return noted[0]?.state === 'parked';
}

/** The parkings of a channel that its stream doesn't know of yet, or those that it does; the first one first. */
export async function parkingsOf(
  manager: EntityManager,
  channelId: ChannelId,
  state: 'untold' | 'told',
): Promise<ParkedEffect[]> {
  const rows: {
    effect: EffectName;
    attempts: number;
    first_attempt_at: Date;
    parked_at: Date;
    error: string;
  }[] = await manager.query(
    `SELECT effect, attempts, first_attempt_at, parked_at, error
       FROM effects.work
      WHERE channel_id = $1 AND state = 'parked' AND (parking_recorded_at IS NULL) = $2
      ORDER BY parked_at, effect`,
    [channelId, state === 'untold'],
  );
  return rows.map((row) => ({
    channelId,
    effect: row.effect,
    attempts: row.attempts,
    firstAttemptAt: row.first_attempt_at.toISOString(),
    parkedAt: row.parked_at.toISOString(),
    error: row.error,
  }));
}

/** The stream knows of these; one that was redriven and parked anew meanwhile is still to be told. */
export async function markParkingsRecorded(
  manager: EntityManager,
  channelId: ChannelId,
  parkings: readonly ParkedEffect[],
): Promise<void> {
  await manager.query(
    `UPDATE effects.work SET parking_recorded_at = clock_timestamp()
       FROM unnest($2::text[], $3::timestamptz[]) AS told (effect, parked_at)
      WHERE work.channel_id = $1 AND work.effect = told.effect AND work.state = 'parked'
        AND date_trunc('milliseconds', work.parked_at) = told.parked_at`,
    [channelId, parkings.map(({ effect }) => effect), parkings.map(({ parkedAt }) => parkedAt)],
  );
}

/** Work that waits for an operator. */
export interface ParkedWork extends Work {
  readonly attempts: number;
  readonly parkedAt: Date;
  readonly error: string;
}

/** All that is parked, the oldest first. */
export function listParked(manager: EntityManager): Promise<ParkedWork[]> {
  return manager.query(
    `SELECT effect, channel_id AS "channelId", attempts, parked_at AS "parkedAt", error
       FROM effects.work WHERE state = 'parked' ORDER BY parked_at, effect`,
  );
}

/** Makes parked work pending, with as many tries as new work has; false when it isn't parked. */
export async function unparkWork(
  manager: EntityManager,
  { effect, channelId }: Work,
): Promise<boolean> {
  const [, count]: [unknown, number] = await manager.query(
    `UPDATE effects.work
        SET state = 'pending', tries = 0, parked_at = NULL, parking_recorded_at = NULL
      WHERE effect = $1 AND channel_id = $2 AND state = 'parked'`,
    [effect, channelId],
  );
  return count === 1;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
