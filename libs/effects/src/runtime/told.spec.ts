import type { Disconnection, DisconnectionEvent } from '@app/domain';
import { announcedEffects, evolveDisconnection, openDisconnection } from '@app/domain';
import { completed, disconnected, finished, requestedAt } from '@app/testing';
import { retell } from './told';

const { data: end } = disconnected();
const { channelId } = end;
const hours = (count: number): string =>
  new Date(Date.parse(requestedAt) + count * 3_600_000).toISOString();
const folded = (events: readonly DisconnectionEvent[]): Disconnection =>
  events.reduce(evolveDisconnection, openDisconnection);

/** All effects, the last one after the deadline of 20 hours. */
const outcomes = announcedEffects.map((effect, n) => ({
  ...finished(channelId, effect, { finishedAt: hours(n === 3 ? 22 : 1) }).data,
}));
const events = outcomes.map((data) => ({ type: 'EffectFinished' as const, data }));
const overdue: DisconnectionEvent = {
  type: 'DisconnectionOverdue',
  data: {
    ...{ channelId, workspaceId: end.workspaceId, platform: end.platform },
    ...{ deadline: hours(20), overdueAt: hours(21), open: ['schedule-cancel'] },
  },
};

describe('What a disconnection has lost', () => {
  it('is told again, each fact in its time', () => {
    expect(
      retell(openDisconnection, end, { outcomes, parkings: [], overdueAt: hours(21) }),
    ).toEqual([...events.slice(0, 3), overdue, events[3], completed(channelId, hours(22))]);
  });

  it('is nothing of what stands', () => {
    const told = { outcomes, parkings: [], overdueAt: hours(21) };
    const some = folded([...events.slice(0, 3), overdue]);
    expect(retell(some, end, told)).toEqual([events[3], completed(channelId, hours(22))]);
    const all = folded([...events, completed(channelId, hours(22))]);
    expect(retell(all, end, told)).toEqual([]);
  });

  it('never is that it was late, where nobody said so', () => {
    const told = { outcomes: outcomes.slice(0, 3), parkings: [], overdueAt: null };
    expect(retell(openDisconnection, end, told)).toEqual(events.slice(0, 3));
  });

  it('is a parking that nobody has redriven, and nothing that was not planned', () => {
    const parked = {
      ...{ channelId, attempts: 3, firstAttemptAt: hours(1), parkedAt: hours(2), error: 'away' },
      effect: 'token-wipe' as const,
    };
    const unplanned = { ...outcomes[0]!, effect: 'grant-revocation' as const };
    const told = { outcomes: [unplanned], parkings: [parked], overdueAt: null };
    expect(retell(openDisconnection, end, told)).toEqual([{ type: 'EffectParked', data: parked }]);
  });
});
