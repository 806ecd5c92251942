import { readableMessage } from '@app/observability';
import type { ListedKey } from '@app/operations';
import type { OpsRun, RoleProcess } from '@app/testing';
import { aChannelId, aUserId, aWorkspaceId, RestClient, runOps, useTestBed } from '@app/testing';
import { opsInProcess } from '../support/ops-in-process';

interface Minted {
  readonly id: string;
  readonly secret: string;
  readonly prefix: string;
}

describe('Keys, by the operators’ command line', () => {
  const bed = useTestBed({ patient: true });
  let env: NodeJS.ProcessEnv;
  let workspaceId: string;
  let userId: string;
  /** Two processes of the same role. */
  let apis: readonly RoleProcess[];

  const ops = (...args: string[]): Promise<OpsRun> => runOps(args, env, bed.folder);
  const json = async <T>(...args: string[]): Promise<T> => {
    const { code, stdout, stderr } = await ops(...args, '--json');
    expect([code, stderr]).toEqual([0, '']);
    return JSON.parse(stdout) as T;
  };
  const change = <T>(...args: string[]): Promise<T> => json<T>(...args, '--reason', 'a test');

  beforeAll(async () => {
    // None of these commands has anything to do with Kafka.
    const { KAFKA_BROKERS: _, ...needed } = await bed.environment();
    env = needed;
    ({ id: workspaceId } = await change<{ id: string }>('workspaces', 'create', 'A workspace'));
    const admit = ['workspaces', 'admit', workspaceId, '--role', 'OWNER'];
    ({ userId } = await change<{ userId: string }>(...admit));
    apis = await Promise.all([1, 2].map(async () => bed.startRole('api', await bed.environment())));
  });

  it('open at once in every process, and not any more once they are revoked', async () => {
    const minted = await change<Minted>('keys', 'mint', '--user', userId);
    expect(minted.secret).toMatch(/^pb_live_[A-Za-z0-9]{32}$/);
    const clients = apis.map(({ url }) => new RestClient(url, minted.secret));
    const statuses = () =>
      Promise.all(
        clients.map(async (client) => (await client.get('/api/v1/social-accounts')).status),
      );

    expect(await statuses()).toEqual([200, 200]);
    await change('keys', 'revoke', minted.id, '--yes');
    expect(await statuses()).toEqual([401, 401]);
    // Again: the same.
    const again = await ops('keys', 'revoke', minted.id, '--reason', 'again', '--yes');
    expect(again.stdout).toBe(`revoked: ${minted.id}\n`);
  });

  it('reach one workspace alone when they are scoped', async () => {
    const scoped = ['keys', 'mint', '--user', userId, '--workspace', workspaceId];
    const { secret } = await change<Minted>(...scoped);
    const client = new RestClient(apis[0]!.url, secret);
    const list = async (id: string) =>
      (await client.get(`/api/v1/social-accounts?workspaceId=${id}`)).status;
    const other = await change<{ id: string }>('workspaces', 'create', 'Another');
    await change('workspaces', 'admit', other.id, '--role', 'OWNER', '--user', userId);
    expect([await list(workspaceId), await list(other.id)]).toEqual([200, 403]);
  });

  it('of services open what their scopes say', async () => {
    const mint = [
      'keys',
      'mint',
      '--service',
      'publisher',
      '--scope',
      'lease',
      '--scope',
      'connect',
    ];
    const minted = await change<Minted>(...mint);
    expect(minted.secret).toMatch(/^pb_svc_[A-Za-z0-9]{32}$/);
    const { url } = await bed.startRole('internal', await bed.environment());
    const post = async (path: string) =>
      (await new RestClient(url, minted.secret).post(`/internal/v1/channels${path}`, { body: {} }))
        .status;
    expect(await post('')).toBe(400);
    expect(await post(`/${aChannelId()}/access-revocations`)).toBe(403);
    await change('keys', 'revoke', minted.id, '--yes');
    expect(await post('')).toBe(401);
  });

  it('show their secret once, and are told apart by their prefix afterwards', async () => {
    const { stdout } = await ops('keys', 'mint', '--user', userId, '--reason', 'a test');
    const [id, secret] = stdout.split('\n') as [string, string];
    const listed = await json<ListedKey[]>('keys', 'list');
    expect(listed.find((key) => key.id === id)).toEqual({
      id,
      prefix: secret.slice(0, 'pb_live_'.length + 8),
      holder: userId,
      allowed: null,
      createdAt: expect.any(String) as string,
      revokedAt: null,
    });
    const table = await ops('keys', 'list');
    expect(table.stdout).toContain(id);
    for (const text of [JSON.stringify(listed), table.stdout]) expect(text).not.toContain(secret);
  });

  it('are refused in one line that says what is wrong', async () => {
    const [nobody, nowhere] = [aUserId(), aWorkspaceId()];
    const refusals: readonly [exitCode: number, args: string, line: string][] = [
      [2, 'keys mint', 'Give a --user (and --workspace), or a --service and its --scope'],
      [2, 'keys mint --service publisher --user usr_1', 'Give a --user (and --workspace), or a'],
      [3, `keys mint --user ${nobody}`, `${nobody} is a member of no workspace`],
      [
        3,
        `keys mint --user ${userId} --workspace ${nowhere}`,
        `${userId} is no member of ${nowhere}`,
      ],
      [2, 'keys mint --service publisher', 'Give it a --scope: connect, refresh, lease'],
      [2, 'keys mint --service publisher --scope admin', 'admin is no scope; there are connect,'],
      [3, 'keys revoke key_1 --yes', 'There is no key key_1: ops keys list'],
      [2, 'workspaces create ', 'A workspace needs a name: ops workspaces create Acme'],
      [3, `workspaces admit ${nowhere} --role OWNER`, `There is no workspace ${nowhere}`],
      [2, `workspaces admit ${workspaceId} --role KING`, 'KING is no role; there are OWNER,'],
    ];
    Object.assign(process.env, env, { OPS_ACTOR: 'tests' });
    const because = ['--reason', 'a test'];
    for (const [exitCode, args, line] of refusals) {
      const { code, printed, error } = await opsInProcess(...args.split(' '), ...because);
      expect([args, code, printed]).toEqual([args, exitCode, []]);
      expect(readableMessage(error)).toContain(line);
    }
    // How such a line is printed, and what commander says itself.
    expect(await ops('keys', 'mint', '--user', 'usr_1', '--reason', 'a test')).toEqual({
      ...{ code: 2, stdout: '' },
      stderr: "ops: usr_1 is no user's id: usr_ and a ULID\n",
    });
    expect(await ops('keys', 'revoke')).toEqual({
      ...{ code: 2, stdout: '' },
      stderr: "ops: missing required argument 'id'; see --help of the command\n",
    });
  });
});
