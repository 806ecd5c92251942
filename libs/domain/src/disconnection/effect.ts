import type { ChannelId } from '../ids';

/** What a disconnect has to bring about outside of the event store. */
export const effectNames = [
  'token-wipe',
  'analytics-purge',
  'comments-purge',
  'schedule-cancel',
] as const;
export type EffectName = (typeof effectNames)[number];

/** One promise of a disconnect: this effect, by then (ISO 8601 UTC). */
export interface PlannedEffect {
  readonly effect: EffectName;
  readonly deadline: string;
}

/** How an effect ended. */
export type EffectOutcomeStatus = 'DONE';

/** What was really done, counted where it was done, e.g. `{ canceled: 12 }`. No content, ever. */
export type EffectCounts = Readonly<Record<string, number>>;

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
}

/**
 * The plan of a disconnect: every effect, each with the same deadline.
 *
 * @param requestedAt ISO 8601 UTC
 * @param deadlineHours a setting that stays below the platforms' limits (X demands the deletion
 *   of its content within 24 hours: X Developer Policy, "Content compliance")
 */
export function planDisconnection(requestedAt: string, deadlineHours: number): PlannedEffect[] {
  const deadline = new Date(Date.parse(requestedAt) + deadlineHours * 3_600_000).toISOString();
  return effectNames.map((effect) => ({ effect, deadline }));
}
