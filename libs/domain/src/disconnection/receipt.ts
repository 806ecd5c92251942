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
  };
}

/** The receipt after one more event of `disconnection-<channel id>`. */
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
