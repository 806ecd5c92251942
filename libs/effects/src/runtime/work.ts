import type { EntityManager } from 'typeorm';
import type {
  ChannelId,
  EffectCounts,
  EffectName,
  EffectOutcome,
  EffectOutcomeStatus,
  WipeEvidence,
} from '@app/domain';
import type { EffectStep } from '../effect';

/** One effect on one channel: a row of `effects.work`. */
export interface Work {
  readonly effect: EffectName;
  readonly channelId: ChannelId;
}

/** `done`: its outcome isn't in the stream yet; `recorded`: it is. */
export type WorkState = 'pending' | 'parked' | 'done' | 'recorded';

/**
 * Makes the work row, or keeps the one that is there from going away before the transaction ends.
 *
 * The lock is one that a running effect doesn't stand in the way of: a repeated message must not
 * wait for a long purge, and with it all messages behind it.
 *
 * @returns whether there is still something to do
 */
export async function openWork(
  manager: EntityManager,
  { effect, channelId }: Work,
): Promise<boolean> {
  for (;;) {
    // Before the insert, which would wait for whoever has changed the row, conflict or not.
    const [present] = await manager.query<{ state: WorkState }[]>(
      `SELECT state FROM effects.work WHERE effect = $1 AND channel_id = $2 FOR KEY SHARE`,
      [effect, channelId],
    );
    if (present) return present.state === 'pending';
    const made = await manager.query<unknown[]>(
      `INSERT INTO effects.work (effect, channel_id) VALUES ($1, $2)
       ON CONFLICT (effect, channel_id) DO NOTHING RETURNING 1`,
      [effect, channelId],
    );
    if (made.length > 0) return true;
    // Another delivery is first. It is looked for again: it may have been refused, and so deleted, by now.
  }
}

/** A try that has begun. */
export interface Attempt {
  /** How many messages have asked for the work by now. */
  readonly messages: number;
  /** This one among all. */
  readonly attempts: number;
  /** This one among those since the latest progress or redrive, from 1. */
  readonly tries: number;
}

/** How far the work of a channel has come, by effect. */
export async function stateOfWork(
  manager: EntityManager,
  channelId: ChannelId,
): Promise<ReadonlyMap<EffectName, WorkState>> {
  const rows: { effect: EffectName; state: WorkState }[] = await manager.query(
    'SELECT effect, state FROM effects.work WHERE channel_id = $1',
    [channelId],
  );
  return new Map(rows.map(({ effect, state }) => [effect, state]));
}

/**
 * Has work done again, or for the first time, because something is there that it should have taken
 * away; the outcome that stands in the stream stays the one that it is.
 */
export async function reopenWork(
  manager: EntityManager,
  { effect, channelId }: Work,
): Promise<void> {
  await manager.query(
    `INSERT INTO effects.work (effect, channel_id) VALUES ($1, $2)
     ON CONFLICT (effect, channel_id) DO UPDATE
        SET state = 'pending', outcome = NULL, finished_at = NULL, recorded_at = NULL, tries = 0
      WHERE work.state IN ('done', 'recorded')`,
    [effect, channelId],
  );
}

/**
 * Counts a try, for the receipt, whatever comes of it.
 *
 * @returns undefined when there is nothing to do
 */
export async function noteAttempt(
  manager: EntityManager,
  { effect, channelId }: Work,
): Promise<Attempt | undefined> {
  const [noted]: [Attempt[], number] = await manager.query(
    `UPDATE effects.work
        SET attempts = attempts + 1, tries = tries + 1,
            first_attempt_at = coalesce(first_attempt_at, clock_timestamp())
      WHERE effect = $1 AND channel_id = $2 AND state = 'pending'
      RETURNING attempts, tries, (SELECT count(*)::int FROM effects.messages message
                         WHERE message.effect = $1 AND message.channel_id = $2) AS messages`,
    [effect, channelId],
  );
  return noted[0];
}

/**
 * Takes back a try that failed for what isn't the work's fault (a stop, a release that is too old): restarts
 * one after the other must not park it. The attempt stays, for the receipt. Nothing when another try has
 * followed it.
 */
export async function takeBackTry(
  manager: EntityManager,
  { effect, channelId }: Work,
  { attempts }: Attempt,
): Promise<void> {
  await manager.query(
    `UPDATE effects.work SET tries = greatest(tries - 1, 0)
      WHERE effect = $1 AND channel_id = $2 AND state = 'pending' AND attempts = $3`,
    [effect, channelId, attempts],
  );
}

/** Keeps why the latest try has not done it, in a word of ours. */
export async function noteReason(
  manager: EntityManager,
  { effect, channelId }: Work,
  reason: string,
): Promise<void> {
  await manager.query(
    `UPDATE effects.work SET error = $3
      WHERE effect = $1 AND channel_id = $2 AND state = 'pending'`,
    [effect, channelId, reason],
  );
}

/** Makes sure that nobody else does the work meanwhile; false when it is done already. */
export async function lockPending(
  manager: EntityManager,
  { effect, channelId }: Work,
): Promise<boolean> {
  const rows: unknown[] = await manager.query(
    `SELECT 1 FROM effects.work
      WHERE effect = $1 AND channel_id = $2 AND state = 'pending' FOR NO KEY UPDATE`,
    [effect, channelId],
  );
  return rows.length > 0;
}

/**
 * Adds what one batch of locked work has done to what the batches before it have. What gets on isn't
 * stuck: the tries begin anew.
 */
export async function countStep(
  manager: EntityManager,
  { effect, channelId }: Work,
  { counts, evidence }: Pick<EffectStep, 'counts' | 'evidence'>,
): Promise<void> {
  await manager.query(
    `UPDATE effects.work
        SET tries = 0,
            counts = (SELECT coalesce(jsonb_object_agg(key, total), '{}')
                        FROM (SELECT key, sum(value::bigint) AS total
                                FROM (SELECT * FROM jsonb_each_text(counts)
                                      UNION ALL SELECT * FROM jsonb_each_text($3)) AS both_of_them
                               GROUP BY key) AS added),
            evidence = coalesce($4, evidence)
      WHERE effect = $1 AND channel_id = $2`,
    [effect, channelId, counts, evidence ?? null],
  );
}

/** How work has ended, over all of its batches and tries. */
export interface FinishedWork {
  readonly outcome: EffectOutcomeStatus;
  readonly counts: EffectCounts;
  readonly attempt: number;
}

/** Writes down how locked work has ended; what it did was counted with its batches. */
export async function finishWork(
  manager: EntityManager,
  { effect, channelId }: Work,
  outcome: EffectOutcomeStatus = 'DONE',
): Promise<FinishedWork | undefined> {
  const [finished]: [FinishedWork[], number] = await manager.query(
    `UPDATE effects.work
        SET state = 'done', outcome = $3, finished_at = clock_timestamp(),
            first_attempt_at = coalesce(first_attempt_at, clock_timestamp())
      WHERE effect = $1 AND channel_id = $2
      RETURNING outcome, counts, attempts AS attempt`,
    [effect, channelId, outcome],
  );
  return finished[0];
}

/**
 * Keeps the messages aside that asked for work that must not be done, and deletes the work row, so
 * that it never stands in the way of a real one.
 *
 * @param messages how many there were before the stream was asked: one that came after it may be
 *   the real one, and has brought a job of its own, so then nothing is refused
 * @returns whether it was refused
 */
export async function refuseWork(
  manager: EntityManager,
  { effect, channelId }: Work,
  messages: number,
  reason: string,
): Promise<boolean> {
  // Waits for the inbox where it has the row open, and keeps it out until the row is gone.
  const pending: unknown[] = await manager.query(
    `SELECT 1 FROM effects.work
      WHERE effect = $1 AND channel_id = $2 AND state = 'pending' FOR UPDATE`,
    [effect, channelId],
  );
  const [heard]: { count: number }[] = await manager.query(
    `SELECT count(*)::int AS count FROM effects.messages WHERE effect = $1 AND channel_id = $2`,
    [effect, channelId],
  );
  if (pending.length === 0 || heard!.count !== messages) return false;

  await manager.query(
    `INSERT INTO effects.skipped
            (effect, topic, partition, message_offset, message_key, headers, value, reason)
     SELECT effect, topic, partition, message_offset, message_key, headers, value, $3
       FROM effects.messages WHERE effect = $1 AND channel_id = $2
     ON CONFLICT (effect, topic, partition, message_offset) DO NOTHING`,
    [effect, channelId, reason],
  );
  await manager.query(`DELETE FROM effects.work WHERE effect = $1 AND channel_id = $2`, [
    effect,
    channelId,
  ]);
  return true;
}

/**
 * The outcomes of a channel that are not recorded yet, or those that are, in the order in which they
 * came about.
 */
export async function outcomesOf(
  manager: EntityManager,
  channelId: ChannelId,
  state: 'done' | 'recorded',
): Promise<EffectOutcome[]> {
  const rows: {
    effect: EffectName;
    outcome: EffectOutcomeStatus;
    counts: EffectCounts;
    evidence: WipeEvidence | null;
    attempts: number;
    first_attempt_at: Date;
    finished_at: Date;
  }[] = await manager.query(
    `SELECT effect, outcome, counts, evidence, attempts, first_attempt_at, finished_at
       FROM effects.work
      WHERE channel_id = $1 AND state = $2 ORDER BY finished_at, effect`,
    [channelId, state],
  );
  return rows.map((row) => ({
    channelId,
    effect: row.effect,
    status: row.outcome,
    counts: row.counts,
    attempts: row.attempts,
    firstAttemptAt: row.first_attempt_at.toISOString(),
    finishedAt: row.finished_at.toISOString(),
    ...(row.evidence ? { evidence: row.evidence } : {}),
  }));
}

/** Closes work whose outcome stands in the stream; what asked for it isn't needed any more. */
export async function markRecorded(
  manager: EntityManager,
  channelId: ChannelId,
  effects: readonly EffectName[],
): Promise<void> {
  await manager.query(
    `WITH forgotten AS (
       DELETE FROM effects.messages WHERE channel_id = $1 AND effect = ANY ($2)
     )
     UPDATE effects.work SET state = 'recorded', recorded_at = clock_timestamp()
      WHERE channel_id = $1 AND effect = ANY ($2) AND state = 'done'`,
    [channelId, effects],
  );
}
