import type { ChannelId } from '../ids';

/** The effects of every disconnect: each has a consumer group that hears of it. */
export const announcedEffects = [
  'token-wipe',
  'analytics-purge',
  'comments-purge',
  'schedule-cancel',
] as const;
export type AnnouncedEffect = (typeof announcedEffects)[number];

/**
 * What a disconnect has to bring about outside of the event store. `grant-revocation` is planned
 * only where any provider's endpoint is configured, and is asked for by the token wipe: nothing else
 * has a token for it.
 */
export const effectNames = [...announcedEffects, 'grant-revocation'] as const;
export type EffectName = (typeof effectNames)[number];

/**
 * What a disconnect plans. Where any grant is withdrawn, a receipt says of each channel what became of its own.
 *
 * @param revokedGrants the providers whose grants are withdrawn
 */
export function wantedEffects(revokedGrants: readonly string[]): readonly EffectName[] {
  return revokedGrants.length > 0 ? effectNames : announcedEffects;
}

/** One promise of a disconnect: this effect, by then (ISO 8601 UTC). */
export interface PlannedEffect {
  readonly effect: EffectName;
  readonly deadline: string;
}

/**
 * How an effect ended. All but DONE are of a grant's revocation: the platform has no such call, the
 * grant is another channel's too, or its hour was over before it succeeded. Each is final.
 */
export type EffectOutcomeStatus = 'DONE' | 'NOT_SUPPORTED' | 'KEPT_SHARED' | 'FAILED';

/** What was really done, counted where it was done, e.g. `{ canceled: 12 }`. No content, ever. */
export type EffectCounts = Readonly<Record<string, number>>;

/** What is left of the tokens after the wipe; times are ISO 8601 UTC. */
export interface WipeEvidence {
  /** Until when one token may stay sealed for the revocation alone; null: none was kept. */
  readonly revocationCopyUntil: string | null;
  /** From when on no backup can open the tokens: every key that sealed them is destroyed by then. */
  readonly backupsOpenUntil: string;
}

/** The outcome of one effect on one channel; times are ISO 8601 UTC. */
export interface EffectOutcome {
  readonly channelId: ChannelId;
  readonly effect: EffectName;
  readonly status: EffectOutcomeStatus;
  readonly counts: EffectCounts;
  /** How often it was tried, the successful try included. */
  readonly attempts: number;
  readonly firstAttemptAt: string;
  readonly finishedAt: string;
  /** Of the token wipe alone. */
  readonly evidence?: WipeEvidence;
}

/** An effect that was tried for the last time without success: an operator must redrive it. */
export interface ParkedEffect {
  readonly channelId: ChannelId;
  readonly effect: EffectName;
  readonly attempts: number;
  readonly firstAttemptAt: string;
  readonly parkedAt: string;
  /** What went wrong, scrubbed of anything that looks like a credential, at most 500 characters. */
  readonly error: string;
}

/**
 * The plan of a disconnect: every effect, each with the same deadline.
 *
 * @param requestedAt ISO 8601 UTC
 * @param deadlineHours a setting that stays below the platforms' limits (X demands the deletion
 *   of its content within 24 hours: X Developer Policy, "Content compliance")
 * @param effects all that are wanted
 */
export function planDisconnection(
  requestedAt: string,
  deadlineHours: number,
  effects: readonly EffectName[] = announcedEffects,
): PlannedEffect[] {
  const deadline = new Date(Date.parse(requestedAt) + deadlineHours * 3_600_000).toISOString();
  return effects.map((effect) => ({ effect, deadline }));
}
