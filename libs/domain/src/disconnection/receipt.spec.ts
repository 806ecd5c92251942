import { completed, disconnected, finished, requestedAt } from '@app/testing';
import type { DisconnectionEvent } from './disconnection-events';
import { announcedEffects, planDisconnection } from './effect';
import { evolveReceipt, openReceipt } from './receipt';

const end = disconnected();
const { channelId, workspaceId, platform, requestedBy } = end.data;
const deadline = '2026-11-03T05:00:00.000Z';

const pending = {
  status: 'PENDING',
  counts: {},
  attempts: 0,
  firstAttemptAt: null,
  finishedAt: null,
  deadline,
};
const open = {
  accountId: channelId,
  workspaceId,
  platform,
  status: 'PENDING',
  requestedAt,
  requestedBy,
  completedAt: null,
  deadline,
  effects: announcedEffects.map((name) => ({ name, ...pending })),
};

describe('a receipt', () => {
  const after = (...events: DisconnectionEvent[]) =>
    events.reduce(evolveReceipt, openReceipt(end.data));

  it('shows every effect as pending at the request', () => {
    expect(openReceipt(end.data)).toEqual(open);
  });

  it('shows what an effect did, and leaves the others as they are', () => {
    const event = finished(channelId, 'schedule-cancel', { counts: { canceled: 12 }, attempts: 3 });
    const { counts, attempts, firstAttemptAt, finishedAt } = event.data;
    const line = { status: 'DONE', counts, attempts, firstAttemptAt, finishedAt, deadline };
    expect(after(event)).toEqual({
      ...open,
      effects: announcedEffects.map((name) => ({
        name,
        ...(name === 'schedule-cancel' ? line : pending),
      })),
    });
  });

  it('is completed by the completion, and by nothing before', () => {
    const outcomes = announcedEffects.map((effect) => finished(channelId, effect));
    expect(after(...outcomes)).toMatchObject({ status: 'PENDING', completedAt: null });
    const completion = completed(channelId, '2026-11-02T09:00:05.000Z');
    expect(after(...outcomes, completion)).toMatchObject({
      status: 'COMPLETED',
      completedAt: '2026-11-02T09:00:05.000Z',
    });
  });

  it('has the last of the deadlines', () => {
    const plan = [
      ...planDisconnection(requestedAt, 20).slice(1),
      { effect: 'token-wipe' as const, deadline: '2026-11-04T00:00:00.000Z' },
    ];
    expect(openReceipt({ ...end.data, plan }).deadline).toBe('2026-11-04T00:00:00.000Z');
  });

  it('refuses an event that it does not know', () => {
    const unknown = { type: 'EffectUndone', data: {} } as unknown as DisconnectionEvent;
    expect(() => after(unknown)).toThrow('EffectUndone');
  });
});

describe('the plan of a disconnect', () => {
  it('has every effect once, each due the same hours after the request', () => {
    expect(planDisconnection(requestedAt, 20)).toEqual([
      { effect: 'token-wipe', deadline },
      { effect: 'analytics-purge', deadline },
      { effect: 'comments-purge', deadline },
      { effect: 'schedule-cancel', deadline },
    ]);
  });
});
