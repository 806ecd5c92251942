import type { EntityManager } from 'typeorm';
import type { ChannelId, EffectName } from '@app/domain';

/**
 * What was amiss: `lost-message`: an effect that no message has asked for in time, if it comes at all;
 * `unwatched`: a disconnect that the reconciler itself had missed; `survivor`: something that an effect
 * should have taken away.
 */
export type FindingKind = 'lost-message' | 'unwatched' | 'survivor';

/** Something that a loss above has left undone, and that is being repaired. */
export interface Finding {
  readonly kind: FindingKind;
  readonly channelId: ChannelId;
  /** Whose part it is; null when it's nobody's alone. */
  readonly effect: EffectName | null;
}

/** Writes findings down, in the transaction that has them repaired. */
export async function recordFindings(
  manager: EntityManager,
  findings: readonly Finding[],
): Promise<void> {
  await manager.query(
    `INSERT INTO effects.findings (kind, channel_id, effect)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[])`,
    [
      findings.map(({ kind }) => kind),
      findings.map(({ channelId }) => channelId),
      findings.map(({ effect }) => effect),
    ],
  );
}
