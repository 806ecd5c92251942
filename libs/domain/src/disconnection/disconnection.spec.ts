import { completed, deciderOf, disconnected, finished } from '@app/testing';
import type { Disconnection } from './disconnection';
import { evolveDisconnection, openDisconnection, recordOutcome } from './disconnection';
import type { DisconnectionEvent } from './disconnection-events';
import type { EffectName } from './effect';
import { effectNames } from './effect';

const disconnection = deciderOf<Disconnection, DisconnectionEvent>({
  initial: openDisconnection,
  evolve: evolveDisconnection,
});
const { channelId, plan } = disconnected().data;
const outcomeOf = (effect: EffectName, finishedAt: string) =>
  finished(channelId, effect, { finishedAt });

const wipe = outcomeOf('token-wipe', '2026-11-02T09:00:03.000Z');
const analytics = outcomeOf('analytics-purge', '2026-11-02T09:00:09.000Z');
const comments = outcomeOf('comments-purge', '2026-11-02T09:00:05.000Z');
const schedule = outcomeOf('schedule-cancel', '2026-11-02T09:00:01.000Z');

describe('recording an outcome', () => {
  const recording =
    ({ data }: typeof wipe) =>
    (state: Disconnection) =>
      recordOutcome(state, plan, data);

  it('records the first', () => {
    disconnection.given([]).when(recording(wipe)).then([wipe]);
  });

  it('completes with the last, in the same decision, at the time of the latest', () => {
    disconnection
      .given([wipe, analytics, comments])
      .when(recording(schedule))
      .then([schedule, completed(channelId, analytics.data.finishedAt)]);
  });

  it('does not complete while one is missing', () => {
    disconnection.given([wipe, analytics]).when(recording(comments)).then([comments]);
  });

  it('never replaces an outcome that stands', () => {
    const again = finished(channelId, 'token-wipe', { attempts: 7 });
    disconnection.given([wipe]).when(recording(again)).then([]);
  });

  it('decides nothing after the completion', () => {
    const all = [wipe, analytics, comments, schedule, completed(channelId)];
    for (const outcome of [wipe, analytics, comments, schedule]) {
      disconnection.given(all).when(recording(outcome)).then([]);
    }
  });

  it('completes at once when the plan has one effect only', () => {
    const alone = plan.filter(({ effect }) => effect === 'token-wipe');
    disconnection
      .given([])
      .when((state) => recordOutcome(state, alone, wipe.data))
      .then([wipe, completed(channelId, wipe.data.finishedAt)]);
  });

  it.each(effectNames)('refuses %s when it was not planned', (effect) => {
    const others = plan.filter((planned) => planned.effect !== effect);
    disconnection
      .given([])
      .when((state) => recordOutcome(state, others, finished(channelId, effect).data))
      .thenThrows('EFFECT_NOT_PLANNED');
  });
});

describe('a disconnection', () => {
  it('holds the outcomes and the completion', () => {
    const events = [wipe, completed(channelId, '2026-11-02T09:00:03.000Z')];
    expect(events.reduce(evolveDisconnection, openDisconnection)).toEqual({
      outcomes: { 'token-wipe': wipe.data },
      completedAt: '2026-11-02T09:00:03.000Z',
    });
  });

  it('refuses an event that it does not know', () => {
    const unknown = { type: 'EffectUndone', data: {} } as unknown as DisconnectionEvent;
    expect(() => evolveDisconnection(openDisconnection, unknown)).toThrow('EffectUndone');
  });
});
