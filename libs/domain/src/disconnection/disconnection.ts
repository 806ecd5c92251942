import { DomainError } from '../domain-error';
import { assertNever } from '../domain-event';
import type {
  DisconnectionEvent,
  DisconnectionOverdue,
  EffectFinished,
  EffectParked,
} from './disconnection-events';
import type { EffectName, EffectOutcome, ParkedEffect, PlannedEffect } from './effect';
import type { ChannelDisconnected } from '../channel/channel-events';

/** How far a disconnection has come, as `disconnection-<channel id>` tells it. */
export interface Disconnection {
  readonly outcomes: Readonly<Partial<Record<EffectName, EffectFinished['data']>>>;
  /** The latest parking of each effect that was ever parked, whatever came of it later. */
  readonly parked: Readonly<Partial<Record<EffectName, ParkedEffect>>>;
  readonly overdueAt: string | null;
  readonly completedAt: string | null;
}

export const openDisconnection: Disconnection = {
  outcomes: {},
  parked: {},
  overdueAt: null,
  completedAt: null,
};

/** The disconnection after one more event. */
export function evolveDisconnection(
  disconnection: Disconnection,
  event: DisconnectionEvent,
): Disconnection {
  switch (event.type) {
    case 'EffectFinished':
      return {
        ...disconnection,
        outcomes: { ...disconnection.outcomes, [event.data.effect]: event.data },
      };
    case 'EffectParked':
      return {
        ...disconnection,
        parked: { ...disconnection.parked, [event.data.effect]: event.data },
      };
    case 'DisconnectionOverdue':
      return { ...disconnection, overdueAt: event.data.overdueAt };
    case 'DisconnectionCompleted':
      return { ...disconnection, completedAt: event.data.completedAt };
    default:
      return assertNever(event);
  }
}

/**
 * Records how an effect ended; an outcome that stands already is never replaced. The last one
 * completes the disconnection in the same decision, so that no reader ever sees every effect
 * done in a disconnection that isn't.
 *
 * @param plan of `ChannelDisconnected`
 * @throws DomainError EFFECT_NOT_PLANNED
 */
export function recordOutcome(
  disconnection: Disconnection,
  plan: readonly PlannedEffect[],
  outcome: EffectOutcome,
): DisconnectionEvent[] {
  assertPlanned(plan, outcome.effect);
  if (disconnection.outcomes[outcome.effect]) return [];

  const finished: EffectFinished = { type: 'EffectFinished', data: outcome };
  const after = evolveDisconnection(disconnection, finished);
  if (plan.some(({ effect }) => !after.outcomes[effect])) return [finished];

  return [
    finished,
    {
      type: 'DisconnectionCompleted',
      data: { channelId: outcome.channelId, completedAt: latestFinish(after) },
    },
  ];
}

/**
 * Records that an effect was parked; once for each time. An outcome that stands wins.
 *
 * @param plan of `ChannelDisconnected`
 * @throws DomainError EFFECT_NOT_PLANNED
 */
export function recordParked(
  disconnection: Disconnection,
  plan: readonly PlannedEffect[],
  parked: ParkedEffect,
): EffectParked[] {
  assertPlanned(plan, parked.effect);
  if (disconnection.outcomes[parked.effect]) return [];
  const known = disconnection.parked[parked.effect];
  if (known && known.parkedAt >= parked.parkedAt) return [];
  return [{ type: 'EffectParked', data: parked }];
}

/**
 * Says that the deadline has passed while effects are open; once, and never too early.
 *
 * @param now ISO 8601 UTC
 */
export function recordOverdue(
  disconnection: Disconnection,
  end: ChannelDisconnected['data'],
  now: string,
): DisconnectionOverdue[] {
  if (disconnection.completedAt !== null || disconnection.overdueAt !== null) return [];
  const missed = end.plan.filter(
    ({ effect, deadline }) => !disconnection.outcomes[effect] && deadline <= now,
  );
  if (missed.length === 0) return [];
  const { channelId, workspaceId, platform } = end;
  const deadline = missed.map((one) => one.deadline).reduce((a, b) => (a < b ? a : b));
  const open = missed.map(({ effect }) => effect);
  return [
    {
      type: 'DisconnectionOverdue',
      data: { channelId, workspaceId, platform, deadline, overdueAt: now, open },
    },
  ];
}

function assertPlanned(plan: readonly PlannedEffect[], wanted: EffectName): void {
  if (plan.some(({ effect }) => effect === wanted)) return;
  throw new DomainError('EFFECT_NOT_PLANNED', `${wanted} is not in the plan`);
}

/** A disconnection is complete when its last effect was, whenever that got recorded. */
function latestFinish(disconnection: Disconnection): string {
  return Object.values(disconnection.outcomes)
    .map(({ finishedAt }) => finishedAt)
    .reduce((latest, time) => (time > latest ? time : latest));
}
