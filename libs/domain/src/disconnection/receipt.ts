import type { ChannelDisconnected } from '../channel/channel-events';
import type { Platform } from '../channel/platform';
import { assertNever } from '../domain-event';
import type { ChannelId, WorkspaceId } from '../ids';
import type { DisconnectionEvent } from './disconnection-events';
import type { EffectCounts, EffectName, EffectOutcomeStatus } from './effect';

/** One effect as the receipt shows it. */
export interface ReceiptEffect {
  readonly name: EffectName;
  readonly status: 'PENDING' | 'PARKED' | EffectOutcomeStatus;
  readonly counts: EffectCounts;
  readonly attempts: number;
  readonly firstAttemptAt: string | null;
  readonly finishedAt: string | null;
  readonly deadline: string;
}

/** What a disconnect has to bring about, and what of it is done. Times are ISO 8601 UTC. */
export interface Receipt {
  readonly accountId: ChannelId;
  readonly workspaceId: WorkspaceId;
  readonly platform: Platform;
  readonly status: 'PENDING' | 'COMPLETED' | 'OVERDUE';
  readonly requestedAt: string;
  readonly requestedBy: string;
  readonly completedAt: string | null;
  /** The last of the effects' deadlines. */
  readonly deadline: string;
  readonly effects: readonly ReceiptEffect[];
  /**
   * Until when one token is kept sealed for the revocation of its grant alone; null before the wipe,
   * where none is kept, and once the revocation has ended.
   */
  readonly revocationCopyUntil: string | null;
  /** From when on no backup can open the tokens; null before the wipe. */
  readonly backupsOpenUntil: string | null;
  /**
   * The place in `disconnection-<channel id>` of the last event that is in here; null while there is
   * none. Two receipts of one revision are equal.
   */
  readonly streamRevision: number | null;
}

/** The receipt at the moment of the request: everything is still to be done. */
export function openReceipt(end: ChannelDisconnected['data']): Receipt {
  const deadlines = end.plan.map(({ deadline }) => deadline);
  return {
    accountId: end.channelId,
    workspaceId: end.workspaceId,
    platform: end.platform,
    status: 'PENDING',
    requestedAt: end.requestedAt,
    requestedBy: end.requestedBy,
    completedAt: null,
    deadline: deadlines.reduce((last, time) => (time > last ? time : last), end.requestedAt),
    effects: end.plan.map(({ effect, deadline }) => ({
      name: effect,
      status: 'PENDING',
      counts: {},
      attempts: 0,
      firstAttemptAt: null,
      finishedAt: null,
      deadline,
    })),
    revocationCopyUntil: null,
    backupsOpenUntil: null,
    streamRevision: null,
  };
}

/** The receipt after one more event of `disconnection-<channel id>`; `atRevision` says which one. */
export function evolveReceipt(receipt: Receipt, event: DisconnectionEvent): Receipt {
  switch (event.type) {
    case 'EffectFinished': {
      const { effect, status, counts, attempts, firstAttemptAt, finishedAt } = event.data;
      const outcome = { status, counts, attempts, firstAttemptAt, finishedAt };
      return {
        ...receipt,
        effects: receipt.effects.map((line) =>
          line.name === effect ? { ...line, ...outcome } : line,
        ),
        ...event.data.evidence,
        // Its copy is destroyed before it ends, however it ends.
        ...(effect === 'grant-revocation' ? { revocationCopyUntil: null } : {}),
      };
    }
    case 'EffectParked': {
      const { effect, attempts, firstAttemptAt } = event.data;
      return {
        ...receipt,
        effects: receipt.effects.map((line) =>
          line.name === effect ? { ...line, status: 'PARKED', attempts, firstAttemptAt } : line,
        ),
      };
    }
    case 'DisconnectionOverdue':
      return { ...receipt, status: 'OVERDUE' };
    case 'DisconnectionCompleted':
      return { ...receipt, status: 'COMPLETED', completedAt: event.data.completedAt };
    default:
      return assertNever(event);
  }
}

/** The receipt with everything up to that revision of its stream in it; -1 when there is none. */
export function atRevision(receipt: Receipt, revision: number): Receipt {
  const streamRevision = Math.max(receipt.streamRevision ?? -1, revision);
  return { ...receipt, streamRevision: streamRevision < 0 ? null : streamRevision };
}
