import { DomainError } from '../domain-error';
import { assertNever } from '../domain-event';
import type { DisconnectionEvent, EffectFinished } from './disconnection-events';
import type { EffectName, EffectOutcome, PlannedEffect } from './effect';

/** How far a disconnection has come, as `disconnection-<channel id>` tells it. */
export interface Disconnection {
  readonly outcomes: Readonly<Partial<Record<EffectName, EffectFinished['data']>>>;
  readonly completedAt: string | null;
}

export const openDisconnection: Disconnection = { outcomes: {}, completedAt: null };

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
  if (!plan.some(({ effect }) => effect === outcome.effect)) {
    throw new DomainError('EFFECT_NOT_PLANNED', `${outcome.effect} is not in the plan`);
  }
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

/** A disconnection is complete when its last effect was, whenever that got recorded. */
function latestFinish(disconnection: Disconnection): string {
  return Object.values(disconnection.outcomes)
    .map(({ finishedAt }) => finishedAt)
    .reduce((latest, time) => (time > latest ? time : latest));
}
