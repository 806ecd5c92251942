import { completed, disconnected, finished, requestedAt } from '@app/testing';
import type { DisconnectionEvent } from './disconnection-events';
import { announcedEffects, planDisconnection } from './effect';
import { atRevision, evolveReceipt, openReceipt } from './receipt';

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
  revocationCopyUntil: null,
  backupsOpenUntil: null,
  streamRevision: null,
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

  it('shows an effect as parked until it has ended after all', () => {
    const at = { attempts: 25, firstAttemptAt: requestedAt };
    const parked: DisconnectionEvent = {
      type: 'EffectParked',
      data: { channelId, effect: 'comments-purge', parkedAt: requestedAt, error: 'full', ...at },
    };
    const lineOf = (...events: DisconnectionEvent[]) =>
      after(...events).effects.find(({ name }) => name === 'comments-purge');
    expect(lineOf(parked)).toEqual({ name: 'comments-purge', ...pending, ...at, status: 'PARKED' });
    expect(lineOf(parked, finished(channelId, 'comments-purge'))).toMatchObject({ status: 'DONE' });
  });

  it('is overdue from the deadline on, until it is completed after all', () => {
    const overdue: DisconnectionEvent = {
      type: 'DisconnectionOverdue',
      data: {
        ...{ channelId, workspaceId, platform, deadline, overdueAt: deadline },
        open: ['token-wipe'],
      },
    };
    expect(after(overdue).status).toBe('OVERDUE');
    expect(after(overdue, completed(channelId)).status).toBe('COMPLETED');
  });

  it('tells what is left of the tokens: a copy for the revocation, until that has ended', () => {
    const evidence = {
      revocationCopyUntil: '2026-11-02T10:00:00.000Z',
      backupsOpenUntil: '2026-11-10T10:00:00.000Z',
    };
    const wiped = finished(channelId, 'token-wipe', { evidence });
    expect(after(wiped)).toMatchObject(evidence);
    const revoked = finished(channelId, 'grant-revocation', { status: 'FAILED' });
    expect(after(wiped, revoked)).toMatchObject({
      ...evidence,
      revocationCopyUntil: null,
    });
  });

  it('knows how far its stream is in it, and goes back for no repeat', () => {
    expect(atRevision(after(), -1).streamRevision).toBeNull();
    expect(atRevision(atRevision(after(), 3), 1).streamRevision).toBe(3);
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
