import type { Disconnection, DisconnectionEvent } from '@app/domain';
import {
  announcedEffects,
  evolveDisconnection,
  evolveReceipt,
  openDisconnection,
  openReceipt,
} from '@app/domain';
import { completed, disconnected, finished, requestedAt } from '@app/testing';
import { asShown, retell } from './told';

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

describe('What was told, by the receipt that showed it', () => {
  const until = { revocationCopyUntil: hours(2), backupsOpenUntil: hours(30) };
  const first = outcomes.map((outcome) => ({
    ...outcome,
    counts: { done: 1 },
    ...(outcome.effect === 'token-wipe' ? { evidence: until } : {}),
  }));
  /** The same work once more. */
  const again = first.map((outcome) => ({
    ...outcome,
    ...{ counts: { done: 2 }, attempts: 2, finishedAt: hours(40) },
  }));
  const receipt = (shown: typeof first) =>
    shown
      .map((data) => ({ type: 'EffectFinished' as const, data }))
      .reduce(evolveReceipt, openReceipt(end));

  it('is the first outcome, whatever was done since: finished, under way, or parked', () => {
    const now = { effect: 'analytics-purge' as const, error: 'away', parkedAt: hours(41) };
    const parkings = [{ channelId, attempts: 2, firstAttemptAt: hours(1), ...now }];
    const told = { outcomes: again.slice(2), parkings, overdueAt: null };
    expect(asShown(told, receipt(first))).toEqual({
      ...{ outcomes: expect.arrayContaining(first) as unknown, parkings: [], overdueAt: null },
    });
    expect(asShown(told, receipt(first)).outcomes).toHaveLength(first.length);
  });

  it('is what its rows say of what no receipt showed, each in its time', () => {
    const [early, ...others] = first.map((one, n) => ({ ...one, finishedAt: hours(4 - n) }));
    const told = { outcomes: [...others, early!], parkings: [], overdueAt: null };
    expect(asShown(told, null)).toEqual(told);
    expect(asShown(told, receipt([early!])).outcomes).toEqual([...others.reverse(), early]);
  });

  it('has of the copy for a revocation that has ended what the row kept', () => {
    const shown = { ...receipt(first), revocationCopyUntil: null };
    const told = { outcomes: first, parkings: [], overdueAt: null };
    expect(asShown(told, shown).outcomes).toContainEqual(
      first.find(({ effect }) => effect === 'token-wipe'),
    );
  });
});
