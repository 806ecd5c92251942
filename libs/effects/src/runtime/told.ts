import type { EntityManager } from 'typeorm';
import type {
  ChannelDisconnected,
  ChannelId,
  Disconnection,
  DisconnectionEvent,
  EffectName,
  EffectOutcome,
  EffectOutcomeStatus,
  Receipt,
  ReceiptEffect,
} from '@app/domain';
import { evolveDisconnection, recordOverdue } from '@app/domain';
import { parkingsOf } from './parking';
import type { Untold } from './recorder';
import { recordUntold } from './recorder';
import { outcomesOf } from './work';

/** What `disconnection-<channel id>` was told already, by the rows of this database. */
export interface Told extends Untold {
  /** When it was said that the deadline had passed, ISO 8601 UTC; null when it was not. */
  readonly overdueAt: string | null;
}

/** @returns all that this database has had recorded of a disconnection */
export async function toldOf(manager: EntityManager, channelId: ChannelId): Promise<Told> {
  const [watched]: { overdueAt: Date | null }[] = await manager.query(
    `SELECT overdue_at AS "overdueAt" FROM effects.disconnections WHERE channel_id = $1`,
    [channelId],
  );
  return {
    outcomes: await outcomesOf(manager, channelId, 'recorded'),
    parkings: await parkingsOf(manager, channelId, 'told'),
    overdueAt: watched?.overdueAt?.toISOString() ?? null,
  };
}

/**
 * The same as its receipt showed it. Work can have been done again since, of a survivor or on a restored
 * database, and then its row tells of the latest time; what the stream said first is what stood.
 *
 * @param receipt as readers saw it; null where no projector had come to it: the rows are all there is
 */
export function asShown({ outcomes, parkings, overdueAt }: Told, receipt: Receipt | null): Told {
  if (!receipt) return { outcomes, parkings, overdueAt };
  const shown = receipt.effects.flatMap((line) => {
    const row = outcomes.find(({ effect }) => effect === line.name);
    return outcomeShown(receipt, line, row) ?? [];
  });
  const isElse = ({ effect }: { readonly effect: EffectName }): boolean =>
    shown.every((outcome) => outcome.effect !== effect);
  return {
    outcomes: [...shown, ...outcomes.filter(isElse)].sort(byTime),
    // An outcome wins over what became of the work later.
    parkings: parkings.filter(isElse),
    overdueAt,
  };
}

function outcomeShown(
  receipt: Receipt,
  { name: effect, status, counts, attempts, firstAttemptAt, finishedAt }: ReceiptEffect,
  row: EffectOutcome | undefined,
): EffectOutcome | undefined {
  if (finishedAt === null || firstAttemptAt === null) return undefined;
  const { accountId: channelId, backupsOpenUntil } = receipt;
  const outcome = {
    ...{ channelId, effect, status: status as EffectOutcomeStatus },
    ...{ counts, attempts, firstAttemptAt, finishedAt },
  };
  if (effect !== 'token-wipe' || backupsOpenUntil === null) return outcome;
  // A receipt doesn't show it any more once the revocation has ended.
  const revocationCopyUntil =
    receipt.revocationCopyUntil ?? row?.evidence?.revocationCopyUntil ?? null;
  return { ...outcome, evidence: { revocationCopyUntil, backupsOpenUntil } };
}

function byTime(one: EffectOutcome, other: EffectOutcome): number {
  const [a, b] = [one, other].map(({ finishedAt, effect }) => `${finishedAt} ${effect}`);
  return a! < b! ? -1 : 1;
}

/**
 * What a disconnection has lost of it, because the event store was restored: the same facts, each with its
 * own time, in their order. Nothing where it has them all.
 */
export function retell(
  disconnection: Disconnection,
  end: ChannelDisconnected['data'],
  { outcomes, parkings, overdueAt }: Told,
): DisconnectionEvent[] {
  if (overdueAt === null) return recordUntold(disconnection, end.plan, { outcomes, parkings });
  const inTime = outcomes.filter(({ finishedAt }) => finishedAt <= overdueAt);
  const before = recordUntold(disconnection, end.plan, { outcomes: inTime, parkings: [] });
  const then = before.reduce(evolveDisconnection, disconnection);
  const overdue = recordOverdue(then, end, overdueAt);
  const late = overdue.reduce(evolveDisconnection, then);
  return [...before, ...overdue, ...recordUntold(late, end.plan, { outcomes, parkings })];
}
