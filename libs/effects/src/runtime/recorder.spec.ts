import type { DisconnectionEvent, EffectName, EffectOutcome, ParkedEffect } from '@app/domain';
import {
  announcedEffects,
  evolveDisconnection,
  openDisconnection,
  planDisconnection,
} from '@app/domain';
import { recordUntold } from './recorder';

const channelId = 'soc_01JA0000000000000000000001';
const plan = planDisconnection('2026-11-25T10:00:00.000Z', 20);

function outcome(effect: EffectName, second: number): EffectOutcome {
  return {
    channelId,
    effect,
    status: 'DONE',
    counts: {},
    attempts: 1,
    firstAttemptAt: '2026-11-25T10:00:00.000Z',
    finishedAt: `2026-11-25T10:00:0${second}.000Z`,
  };
}

const finished = (of: EffectOutcome): DisconnectionEvent => ({ type: 'EffectFinished', data: of });
const outcomes = announcedEffects.map(outcome);
const completed: DisconnectionEvent = {
  type: 'DisconnectionCompleted',
  data: { channelId, completedAt: '2026-11-25T10:00:03.000Z' },
};

describe('Outcomes to record', () => {
  it('given nothing recorded, when all are done, then all stand in one decision with the completion', () => {
    expect(recordUntold(openDisconnection, plan, { outcomes, parkings: [] })).toEqual([
      ...outcomes.map(finished),
      completed,
    ]);
  });

  it('given three recorded, when the same and the last come, then only the last is decided', () => {
    const before = outcomes
      .slice(0, 3)
      .map(finished)
      .reduce(evolveDisconnection, openDisconnection);
    expect(recordUntold(before, plan, { outcomes, parkings: [] })).toEqual([
      finished(outcomes[3]!),
      completed,
    ]);
  });

  it('given an effect parked, when another is done, then both stand in one decision, without a completion', () => {
    const parking: ParkedEffect = {
      channelId,
      effect: 'token-wipe',
      attempts: 10,
      firstAttemptAt: '2026-11-25T10:00:00.000Z',
      parkedAt: '2026-11-25T13:00:00.000Z',
      error: 'no',
    };
    const untold = { outcomes: outcomes.slice(1), parkings: [parking] };
    expect(recordUntold(openDisconnection, plan, untold)).toEqual([
      { type: 'EffectParked', data: parking },
      ...outcomes.slice(1).map(finished),
    ]);
  });

  it('given all recorded, when they come again, then nothing is decided', () => {
    const before = [...outcomes.map(finished), completed].reduce(
      evolveDisconnection,
      openDisconnection,
    );
    expect(recordUntold(before, plan, { outcomes, parkings: [] })).toEqual([]);
  });
});
