import { completed, deciderOf, disconnected, finished } from '@app/testing';
import type { Disconnection } from './disconnection';
import {
  evolveDisconnection,
  openDisconnection,
  recordOutcome,
  recordOverdue,
  recordParked,
} from './disconnection';
import type {
  DisconnectionEvent,
  DisconnectionOverdue,
  EffectParked,
} from './disconnection-events';
import type { EffectName, PlannedEffect } from './effect';
import { announcedEffects } from './effect';

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

  it.each(announcedEffects)('refuses %s when it was not planned', (effect) => {
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
      parked: {},
      overdueAt: null,
      completedAt: '2026-11-02T09:00:03.000Z',
    });
  });

  it('refuses an event that it does not know', () => {
    const unknown = { type: 'EffectUndone', data: {} } as unknown as DisconnectionEvent;
    expect(() => evolveDisconnection(openDisconnection, unknown)).toThrow('EffectUndone');
  });
});

describe('parking an effect', () => {
  const parked = (parkedAt: string): EffectParked => ({
    type: 'EffectParked',
    data: {
      channelId,
      effect: 'comments-purge',
      attempts: 12,
      firstAttemptAt: '2026-11-02T09:00:01.000Z',
      parkedAt,
      error: 'the disk is full',
    },
  });
  const first = parked('2026-11-02T09:10:00.000Z');
  const parking =
    ({ data }: EffectParked) =>
    (state: Disconnection) =>
      recordParked(state, plan, data);

  it('is recorded, once for each time that it happens', () => {
    disconnection.given([]).when(parking(first)).then([first]);
    disconnection.given([first]).when(parking(first)).then([]);
    const second = parked('2026-11-02T11:00:00.000Z');
    disconnection.given([first]).when(parking(second)).then([second]);
  });

  it('is no outcome: nothing completes before the effect has ended, and then it does', () => {
    const others = [wipe, analytics, schedule];
    for (const { data } of others) {
      disconnection
        .given([first, ...others])
        .when((state) => recordOutcome(state, plan, data))
        .then([]);
    }
    disconnection
      .given([first, ...others])
      .when((state) => recordOutcome(state, plan, comments.data))
      .then([comments, completed(channelId, analytics.data.finishedAt)]);
  });

  it('comes too late after the outcome', () => {
    disconnection.given([comments]).when(parking(first)).then([]);
  });

  it('is refused for what was not planned', () => {
    const others = plan.filter(({ effect }) => effect !== 'comments-purge');
    disconnection
      .given([])
      .when((state) => recordParked(state, others, first.data))
      .thenThrows('EFFECT_NOT_PLANNED');
  });
});

describe('the deadline', () => {
  const end = disconnected().data;
  const [{ deadline }] = end.plan as [PlannedEffect];
  const outcomes = end.plan.map(({ effect }) => finished(end.channelId, effect));
  const overdue = (open: readonly EffectName[]): DisconnectionOverdue => ({
    type: 'DisconnectionOverdue',
    data: {
      channelId: end.channelId,
      workspaceId: end.workspaceId,
      platform: end.platform,
      deadline,
      overdueAt: deadline,
      open,
    },
  });
  const looking = (now: string) => (state: Disconnection) => recordOverdue(state, end, now);

  it('is missed by what is open when it comes, not a moment earlier', () => {
    const justBefore = new Date(Date.parse(deadline) - 1).toISOString();
    disconnection.given([outcomes[0]!]).when(looking(justBefore)).then([]);
    disconnection
      .given([outcomes[0]!])
      .when(looking(deadline))
      .then([overdue(end.plan.slice(1).map(({ effect }) => effect))]);
  });

  it('is missed once', () => {
    disconnection
      .given([overdue(['token-wipe'])])
      .when(looking(deadline))
      .then([]);
  });

  it('is not missed by what has ended', () => {
    const all = [...outcomes, completed(end.channelId)];
    disconnection.given(all).when(looking(deadline)).then([]);
    disconnection.given(outcomes).when(looking(deadline)).then([]);
  });

  it('does not keep a late success from completing', () => {
    const last = outcomes.at(-1)!;
    disconnection
      .given([...outcomes.slice(0, -1), overdue(['schedule-cancel'])])
      .when((state) => recordOutcome(state, end.plan, last.data))
      .then([last, completed(end.channelId, last.data.finishedAt)]);
  });
});
