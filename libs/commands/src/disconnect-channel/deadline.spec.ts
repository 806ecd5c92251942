import { loadSettings } from '@app/config';
import { deletionLimitOf, planDisconnection, platforms } from '@app/domain';

const requestedAt = '2026-11-25T10:00:00.000Z';
const env = {
  DATABASE_URL: 'postgres://localhost/x',
  EVENTSTORE_URL: 'esdb://localhost:2113?tls=false',
  RECEIPT_KEY_FILE: 'x',
};
const hoursOf = (hours: number) =>
  loadSettings('api', { ...env, EFFECT_DEADLINE_HOURS: String(hours) }).effectDeadlineHours;

it.each(platforms)(
  'the latest deadline that can be set lies before the limit of %s',
  (platform) => {
    const latest = Math.max(...planDisconnection(requestedAt, hoursOf(23)).map(deadlineMs));
    const limit = deletionLimitOf(platform, requestedAt);
    expect(latest).toBeLessThan(limit === null ? Infinity : Date.parse(limit));
  },
);

it('a deadline at the strictest limit is refused at the start', () => {
  expect(() => hoursOf(24)).toThrow('EFFECT_DEADLINE_HOURS');
  expect(deletionLimitOf('X', requestedAt)).toBe('2026-11-26T10:00:00.000Z');
  expect(deletionLimitOf('YOUTUBE', requestedAt)).toBe('2026-12-02T10:00:00.000Z');
  expect(deletionLimitOf('BLUESKY', requestedAt)).toBeNull();
});

const deadlineMs = ({ deadline }: { readonly deadline: string }): number => Date.parse(deadline);
