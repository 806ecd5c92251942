import type { Permission, Role, Verdict } from './permissions';
import { judge, roles } from './permissions';

const here = 'ws_here';
const elsewhere = 'ws_elsewhere';

const verdicts: Readonly<Record<Permission, Readonly<Record<Role, Verdict>>>> = {
  'channel.read': {
    OWNER: 'permitted',
    ADMIN: 'permitted',
    EDITOR: 'permitted',
    CLIENT_REVIEWER: 'permitted',
  },
  'channel.disconnect': {
    OWNER: 'permitted',
    ADMIN: 'permitted',
    EDITOR: 'forbidden',
    CLIENT_REVIEWER: 'forbidden',
  },
};

describe.each(Object.keys(verdicts) as Permission[])('%s', (permission) => {
  it.each([...roles])('judges the %s', (role) => {
    const principal = { keyId: 'key_1', userId: 'usr_1', reach: new Map([[here, role]]) };
    expect(judge(principal, permission, here)).toBe(verdicts[permission][role]);
    expect(judge(principal, permission, elsewhere)).toBe('unreachable');
  });

  it('counts the role in that very workspace', () => {
    const reach = new Map<string, Role>([
      [here, 'CLIENT_REVIEWER'],
      [elsewhere, 'OWNER'],
    ]);
    const principal = { keyId: 'key_1', userId: 'usr_1', reach };
    expect(judge(principal, permission, here)).toBe(verdicts[permission].CLIENT_REVIEWER);
  });

  it('is out of reach for somebody without any workspace', () => {
    const principal = { keyId: 'key_1', userId: 'usr_1', reach: new Map() };
    expect(judge(principal, permission, here)).toBe('unreachable');
  });
});
