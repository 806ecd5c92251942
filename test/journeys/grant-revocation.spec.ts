import type { ChannelRow, Platform, Receipt } from '@app/domain';
import type { DisconnectPreview } from '@app/queries';
import type { Member } from '@app/testing';
import { anAccount, membersOf, RestClient, useTestBed, waitFor } from '@app/testing';
import { InternalService, outcomeOf } from '../support/internal-service';
import { answers, PlatformServer } from '../support/platform-server';
import { copyKeys, revocationEnvironment } from '../support/revocation-settings';

describe('Withdrawing a grant, with every role as a process of its own', () => {
  const bed = useTestBed({ patient: true });
  const withdrawn = answers(200, { revoked: true });
  let platform: PlatformServer;
  let owner: Member;
  let api: RestClient;
  let internal: InternalService;

  beforeAll(async () => {
    platform = await PlatformServer.start(withdrawn);
    bed.atEnd(() => platform.close());
    const members = await membersOf(bed);
    await bed.createTopics();
    const env = await bed.environment(revocationEnvironment(bed, platform.url));
    const [apiRole, internalRole] = await Promise.all([
      bed.startRole('api', env),
      bed.startRole('internal', env),
      bed.startRole('projector', env),
      bed.startRole('relay', env),
      bed.startRole('subscribers', env),
    ]);
    owner = await members.admit();
    api = new RestClient(apiRole.url, owner.key);
    const scopes = ['connect', 'lease', 'refresh'] as const;
    internal = new InternalService(internalRole.url, await members.mintService([...scopes]));
  });
  beforeEach(() => platform.calls.splice(0));

  const account = (platformName: Platform, grantSubject: string, grantedAt = soon()) =>
    anAccount({
      ...{ platform: platformName, grantSubject, grantedAt },
      ...{ workspaceId: owner.workspaceId, actor: owner.userId },
    });
  async function connect(platformName: Platform, grantSubject: string): Promise<ChannelRow> {
    const { status, body } = await internal.connect(account(platformName, grantSubject));
    expect([status, body.code]).toEqual([201, undefined]);
    return body;
  }
  const soon = (): string => new Date(Date.now() + 1).toISOString();
  const pathOf = ({ id }: ChannelRow): string => `/api/v1/social-accounts/${id}`;
  const grantOf = async (row: ChannelRow): Promise<DisconnectPreview['grant']> =>
    (await api.get<DisconnectPreview>(`${pathOf(row)}/disconnect-preview`)).body.grant;
  const receiptOf = async (row: ChannelRow): Promise<Receipt> =>
    (await api.get<Receipt>(`${pathOf(row)}/disconnection`)).body;
  const receiptWith = (row: ChannelRow, seen: (receipt: Receipt) => boolean): Promise<Receipt> =>
    waitFor(async () => {
      const receipt = await receiptOf(row);
      return seen(receipt) && receipt;
    });
  const completed = (row: ChannelRow): Promise<Receipt> =>
    receiptWith(row, ({ status }) => status === 'COMPLETED');
  const revocationIn = ({ effects }: Receipt): object =>
    effects.find(({ name }) => name === 'grant-revocation')!;

  it('the receipt shows the token that is kept for it, until the platform has answered', async () => {
    const row = await connect('X', 'a person');
    expect(await grantOf(row)).toEqual({ revocable: true, sharedWith: 0, willRevoke: true });
    let release!: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    platform.does(async (response) => {
      await released;
      withdrawn(response);
    });
    await api.delete(pathOf(row));

    const open = await receiptWith(row, (receipt) => receipt.revocationCopyUntil !== null);
    const left = Date.parse(open.revocationCopyUntil!) - Date.now();
    expect(left).toBeGreaterThan(3_500_000);
    expect(left).toBeLessThanOrEqual(3_600_000);
    expect(open.status).toBe('PENDING');
    expect(revocationIn(open)).toMatchObject({ status: 'PENDING' });
    await waitFor(() => platform.calls.length === 1);
    const racing = await internal.connect(account('X', 'a person'));
    expect(outcomeOf(racing)).toBe('409 GRANT_REVOKED');

    release();
    const closed = await completed(row);
    expect(closed.revocationCopyUntil).toBeNull();
    expect(revocationIn(closed)).toMatchObject({ status: 'DONE', counts: { revoked: 1 } });
    expect(copyKeys(bed)).toEqual([]);
    const stale = await internal.connect(account('X', 'a person', '2026-11-01T08:00:00.000Z'));
    expect(outcomeOf(stale)).toBe('409 GRANT_REVOKED');
    expect((await connect('X', 'a person')).status).toBe('ACTIVE');
  });

  it('of a shared grant is left to the last account, and the preview says so', async () => {
    const [one, other] = [await connect('YOUTUBE', 'two'), await connect('YOUTUBE', 'two')];
    expect(await grantOf(one)).toEqual({ revocable: true, sharedWith: 1, willRevoke: false });
    await api.delete(pathOf(one));
    expect(revocationIn(await completed(one))).toMatchObject({ status: 'KEPT_SHARED' });
    expect(platform.calls).toEqual([]);
    expect(await grantOf(other)).toEqual({ revocable: true, sharedWith: 0, willRevoke: true });
    await api.delete(pathOf(other));
    expect(revocationIn(await completed(other))).toMatchObject({ status: 'DONE' });
    expect(platform.calls).toHaveLength(1);
  });

  it('where the platform has no way is said to be not supported, before and after', async () => {
    const row = await connect('PINTEREST', 'a pinner');
    expect(await grantOf(row)).toEqual({ revocable: false, sharedWith: 0, willRevoke: false });
    await api.delete(pathOf(row));
    expect(revocationIn(await completed(row))).toMatchObject({ status: 'NOT_SUPPORTED' });
  });
});
