import type { DataSource } from 'typeorm';
import type { Members } from '@app/testing';
import { aUserId, membersOf, useTestBed } from '@app/testing';

describe('a credential', () => {
  const bed = useTestBed();
  let members: Members;
  let dataSource: DataSource;
  beforeAll(async () => {
    members = await membersOf(bed);
    dataSource = await bed.dataSource();
  });
  const reachOf = async (key: string) => (await members.apiKeys.authenticate(key))?.reach;

  it('of a user speaks for them, in every workspace that they are a member of', async () => {
    const { userId, workspaceId, key } = await members.admit({ role: 'EDITOR' });
    const second = await members.admit({ userId, role: 'OWNER' });
    await members.admit();
    expect(await members.apiKeys.authenticate(key)).toMatchObject({ userId });
    expect(await reachOf(key)).toEqual(
      new Map([
        [workspaceId, 'EDITOR'],
        [second.workspaceId, 'OWNER'],
      ]),
    );
  });

  it('that is scoped reaches what is on its list and what its user is a member of', async () => {
    const { userId, workspaceId } = await members.admit({ role: 'ADMIN' });
    await members.admit({ userId });
    const stranger = await members.admit();
    const scoped = await members.mintKey(userId, [workspaceId, stranger.workspaceId]);
    expect(await reachOf(scoped)).toEqual(new Map([[workspaceId, 'ADMIN']]));
    expect(await reachOf(await members.mintKey(userId, []))).toEqual(new Map());
  });

  it('counts a role that changed and a membership that ended at once', async () => {
    const { userId, workspaceId, key } = await members.admit({ role: 'OWNER' });
    await members.workspaces.admit(workspaceId, userId, 'CLIENT_REVIEWER');
    expect(await reachOf(key)).toEqual(new Map([[workspaceId, 'CLIENT_REVIEWER']]));
    await dataSource.query('DELETE FROM access.memberships WHERE user_id = $1', [userId]);
    expect(await reachOf(key)).toEqual(new Map());
  });

  it.each([
    ['access.api_keys', 'a user'],
    ['access.service_credentials', 'a service'],
  ])('that was revoked in %s speaks for nobody, at once', async (table) => {
    const { key } = await members.admit();
    const secret = await members.mintService(['connect']);
    await dataSource.query(`UPDATE ${table} SET revoked_at = now()`);
    const known = [
      await members.apiKeys.authenticate(key),
      await members.serviceCredentials.authenticate(secret),
    ];
    expect(known.filter((principal) => principal !== undefined)).toHaveLength(1);
  });

  it.each(['', 'pb_live_', `pb_live_${'x'.repeat(32)}`, `pb_svc_${'x'.repeat(32)}`, 'nonsense'])(
    'that nobody minted speaks for nobody: %s',
    async (secret) => {
      expect(await members.apiKeys.authenticate(secret)).toBeUndefined();
      expect(await members.serviceCredentials.authenticate(secret)).toBeUndefined();
    },
  );

  it('of a service has its scopes, and is no key of a user', async () => {
    const secret = await members.mintService(['connect', 'lease']);
    const principal = await members.serviceCredentials.authenticate(secret);
    expect(principal).toMatchObject({ name: 'a test', scopes: ['connect', 'lease'] });
    expect(await members.apiKeys.authenticate(secret)).toBeUndefined();
  });

  it('is stored as a hash: its secret is nowhere in the database', async () => {
    const key = await members.mintKey(aUserId(), null);
    const secret = await members.mintService(['lease']);
    const rows = JSON.stringify([
      await dataSource.query('SELECT * FROM access.api_keys'),
      await dataSource.query('SELECT * FROM access.service_credentials'),
    ]);
    for (const text of [key, secret]) {
      expect(rows).not.toContain(text);
      // Nor what is left of it behind the 8 characters that may be shown.
      expect(rows).not.toContain(text.slice(-20));
    }
  });
});
