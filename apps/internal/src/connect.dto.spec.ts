import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { anAccount } from '@app/testing';
import { ConnectBody } from './connect.dto';
import { GrantBody } from './grant.dto';

/** The fields of a connect that are refused. */
function refused(changes: object): string[] {
  const body = plainToInstance(ConnectBody, { ...anAccount(), ...changes });
  return validateSync(body).map(({ property }) => property);
}

describe('the body of a connect', () => {
  it('may be what a login flow hands over', () => {
    expect(refused({})).toEqual([]);
    expect(
      refused({
        handle: '@märke 🙂',
        displayName: null,
        avatarUrl: 'https://cdn.example/a.png?oh=1',
        tokenExpiresAt: '2027-01-24T10:00:00.5+02:00',
        meta: { anything: [1] },
      }),
    ).toEqual([]);
  });

  it.each([
    ['a NUL, which PostgreSQL does not take', { handle: 'a\0b' }],
    ['two lines', { handle: 'a\nb' }],
    ['half a character', { handle: 'a\ud83d' }],
    ['nothing', { handle: '' }],
    ['a number', { handle: 1 }],
    ['too much', { handle: 'a'.repeat(256) }],
    ['a NUL in a name', { displayName: 'a\0b' }],
    ['a NUL in an id', { externalId: 'a\0b' }],
    ['a NUL in a board', { defaultBoardId: 'a\0b' }],
    ['a NUL in a scope', { scopes: ['read', 'a\0b'] }],
    ['too many scopes', { scopes: Array.from({ length: 101 }, () => 'read') }],
    ['a NUL in a URL', { avatarUrl: 'https://a.example/\0' }],
    ['a password in a URL', { avatarUrl: 'https://me:pw@a.example/' }],
    ['a script for a URL', { avatarUrl: 'javascript:alert(1)' }],
    ['a week date', { grantedAt: '2026-W48-3' }],
    ['an ordinal date', { grantedAt: '2026-329' }],
    ['a day that does not exist', { grantedAt: '2026-02-30T10:00:00Z' }],
    ['a time without its offset', { grantedAt: '2026-11-25T10:00:00' }],
    ['the year 0', { tokenExpiresAt: '0000-01-01T00:00:00Z' }],
    ['the year 10000', { tokenExpiresAt: '+010000-01-01T00:00:00Z' }],
    ['a name instead of an opaque id', { actor: 'Jane Doe' }],
  ])('is refused with %s', (_, changes) => {
    expect(refused(changes)).toEqual(Object.keys(changes));
  });

  it('says times in UTC, and what is absent as null', () => {
    const body = plainToInstance(ConnectBody, {
      ...anAccount({ displayName: 'Brand' }),
      grantedAt: '2026-11-25T12:15:30+02:00',
      displayName: undefined,
    });
    const account = ConnectBody.toAccount(body);
    expect(account.grantedAt).toBe('2026-11-25T10:15:30.000Z');
    expect(account.displayName).toBeNull();
    expect(ConnectBody.toAccount(body)).toEqual({ ...account, ...GrantBody.toGrant(body) });
  });
});
