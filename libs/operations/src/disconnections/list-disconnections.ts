import type { Settings } from '@app/config';
import type { ChannelId, EffectName, Receipt, WorkspaceId } from '@app/domain';
import { announcedEffects } from '@app/domain';
import { withDatabase } from '../with-database';

/** An effect that a disconnect has promised, and that isn't done. */
export interface MissingEffect {
  readonly effect: EffectName;
  /**
   * `unasked`: nobody has been told of it yet; `done`: it is, and the receipt will say so in a moment.
   */
  readonly state: 'unasked' | 'pending' | 'parked' | 'done';
  /** Why the latest try failed, scrubbed. */
  readonly error: string | null;
}

/** A disconnection that isn't completed, or that this database has still to finish. */
export interface OpenDisconnection {
  readonly channelId: ChannelId;
  /** null where the projector hasn't come to it yet. */
  readonly workspaceId: WorkspaceId | null;
  readonly status: Receipt['status'];
  /** ISO 8601 UTC. */
  readonly requestedAt: string;
  readonly deadline: string;
  readonly isOverdue: boolean;
  /** An alert was due, or something is parked. */
  readonly isStuck: boolean;
  readonly missing: readonly MissingEffect[];
}

/**
 * Receipts that are not COMPLETED, and what the reconciler still watches with work of it open, or with
 * an effect of $1 that nobody was asked for: after a restored backup a receipt may be completed by effects
 * that this database has never had.
 */
const open = `
  WITH unasked AS (
    SELECT channel_id, array_agg(planned.effect) AS effects
      FROM effects.disconnections watched CROSS JOIN unnest($1::text[]) AS planned (effect)
     WHERE settled_at IS NULL
       AND NOT EXISTS (SELECT FROM effects.work
                        WHERE work.effect = planned.effect AND work.channel_id = watched.channel_id)
     GROUP BY channel_id
  ), candidate AS (
    SELECT channel_id FROM read_model.receipts WHERE status <> 'COMPLETED'
    UNION
    SELECT channel_id FROM effects.disconnections watched
     WHERE settled_at IS NULL
       AND (NOT EXISTS (SELECT FROM read_model.receipts WHERE receipts.channel_id = watched.channel_id)
            OR EXISTS (SELECT FROM effects.work
                        WHERE work.channel_id = watched.channel_id AND state <> 'recorded'))
    UNION
    SELECT channel_id FROM unasked
  )
  SELECT channel_id AS "channelId", receipt, clock_timestamp() AS now,
         watched.requested_at AS "requestedAt", watched.deadline, watched.alerted_at AS "alertedAt",
         (SELECT coalesce(json_agg(json_build_object(
                   'effect', effect, 'state', state, 'error', error) ORDER BY effect), '[]')
            FROM effects.work WHERE work.channel_id = candidate.channel_id) AS work,
         coalesce(unasked.effects, '{}') AS unasked
    FROM candidate
    LEFT JOIN unasked USING (channel_id)
    LEFT JOIN read_model.receipts USING (channel_id)
    LEFT JOIN effects.disconnections watched USING (channel_id)`;

interface Found {
  readonly channelId: ChannelId;
  readonly receipt: Receipt | null;
  readonly now: Date;
  readonly requestedAt: Date | null;
  readonly deadline: Date | null;
  readonly alertedAt: Date | null;
  readonly unasked: readonly EffectName[];
  readonly work: readonly (Omit<MissingEffect, 'state'> & { readonly state: string })[];
}

/** Every open disconnection, the soonest deadline first. */
export async function listDisconnections(settings: Settings): Promise<OpenDisconnection[]> {
  const found: Found[] = await withDatabase(settings, [], (dataSource) =>
    dataSource.query(open, [announcedEffects]),
  );
  return found
    .map((one) => toDisconnection(one, settings.effectAlertMinutes))
    .sort((a, b) => a.deadline.localeCompare(b.deadline));
}

function toDisconnection(found: Found, alertMinutes: number): OpenDisconnection {
  const { channelId, receipt, now, alertedAt } = found;
  const requestedAt = receipt?.requestedAt ?? found.requestedAt!.toISOString();
  const deadline = receipt?.deadline ?? found.deadline!.toISOString();
  const missing = missingOf(found);
  const alertDue = Date.parse(requestedAt) + alertMinutes * 60_000 <= now.getTime();
  return {
    channelId,
    workspaceId: receipt?.workspaceId ?? null,
    status: receipt?.status ?? 'PENDING',
    requestedAt,
    deadline,
    isOverdue: Date.parse(deadline) <= now.getTime(),
    isStuck: alertDue || alertedAt !== null || missing.some(({ state }) => state === 'parked'),
    missing,
  };
}

function missingOf({ receipt, work, unasked }: Found): MissingEffect[] {
  const unfinished = (receipt?.effects ?? []).filter(
    ({ status }) => status === 'PENDING' || status === 'PARKED',
  );
  const names = new Set([
    ...unfinished.map(({ name }) => name),
    ...work.filter(({ state }) => state !== 'recorded').map(({ effect }) => effect),
    ...unasked,
  ]);
  return [...names].map((effect) => {
    const row = work.find((one) => one.effect === effect);
    const state = row?.state === 'recorded' ? 'done' : (row?.state ?? 'unasked');
    const isOpen = state === 'pending' || state === 'parked';
    return {
      effect,
      state: state as MissingEffect['state'],
      error: isOpen ? (row?.error ?? null) : null,
    };
  });
}
