import type { DisconnectionEvent, EffectName, EffectOutcome } from '@app/domain';
import {
  announcedEffects,
  evolveDisconnection,
  openDisconnection,
  planDisconnection,
} from '@app/domain';
import { recordOutcomes } from './recorder';

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
    expect(recordOutcomes(openDisconnection, plan, outcomes)).toEqual([
      ...outcomes.map(finished),
      completed,
    ]);
  });

  it('given three recorded, when the same and the last come, then only the last is decided', () => {
    const before = outcomes
      .slice(0, 3)
      .map(finished)
      .reduce(evolveDisconnection, openDisconnection);
    expect(recordOutcomes(before, plan, outcomes)).toEqual([finished(outcomes[3]!), completed]);
  });

  it('given all recorded, when they come again, then nothing is decided', () => {
    const before = [...outcomes.map(finished), completed].reduce(
      evolveDisconnection,
      openDisconnection,
    );
    expect(recordOutcomes(before, plan, outcomes)).toEqual([]);
  });
});
