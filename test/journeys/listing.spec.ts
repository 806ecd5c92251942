import type { ChannelRow } from '@app/domain';
import { rowOf } from '@app/domain';
import type { EventStore } from '@app/event-store';
import type { ChannelPage } from '@app/queries';
import type { Member, Members, RestAnswer } from '@app/testing';
import { aWorkspaceId, membersOf, RestClient, useTestBed, waitFor } from '@app/testing';
import { aChannel } from '../support/channels';

const path = '/api/v1/social-accounts';
type Listing = RestAnswer<ChannelPage & { code?: string }>;

describe('Listing the accounts of a workspace', () => {
  const bed = useTestBed({ patient: true });
  let events: EventStore;
  let members: Members;
  let apiUrl: string;

  beforeAll(async () => {
    events = await bed.eventStore();
    members = await membersOf(bed);
    const env = await bed.environment();
    const [api] = await Promise.all([bed.startRole('api', env), bed.startRole('projector', env)]);
    apiUrl = api.url;
  });

  const clientOf = ({ key }: Member): RestClient => new RestClient(apiUrl, key);
  const list = (client: RestClient, query: Readonly<Record<string, string>> = {}) =>
    client.get<ChannelPage & { code?: string }>(`${path}?${new URLSearchParams(query).toString()}`);

  /** Connects one account at each of these times, and waits until the listing shows them all. */
  async function accountsAt(member: Member, times: readonly string[]): Promise<ChannelRow[]> {
    const { workspaceId } = member;
    const data = [];
    for (const connectedAt of times) {
      data.push(await aChannel(events, { workspaceId, connectedAt }));
    }
    const client = clientOf({ ...member, key: await members.mintKey(member.userId, null) });
    const ids = data.map(({ channelId }) => channelId);
    await waitFor(
      async () => {
        const shown = (await list(client, { workspaceId, limit: '200' })).body.data;
        return ids.every((id) => shown.some((row) => row.id === id));
      },
      { what: 'the rows of the listing', everyMs: 300 },
    );
    return data.map(rowOf);
  }

  /** Every page, one after the other; `between` runs after each. */
  async function walk(
    client: RestClient,
    query: Readonly<Record<string, string>>,
    between: (page: Listing) => Promise<void> = () => Promise.resolve(),
  ): Promise<string[]> {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Listing = await list(client, { ...query, ...(cursor && { cursor }) });
      expect(page.status).toBe(200);
      seen.push(...page.body.data.map(({ id }) => id));
      cursor = page.body.nextCursor;
      await between(page);
    } while (cursor);
    return seen;
  }

  const minute = (n: number): string => `2026-11-01T08:${String(n).padStart(2, '0')}:00.000Z`;
  const idsOf = (rows: readonly ChannelRow[]): string[] => rows.map(({ id }) => id);

  it('shows the newest-connected first, page by page, each once', async () => {
    const owner = await members.admit();
    const rows = await accountsAt(owner, [minute(3), minute(1), minute(5), minute(2), minute(4)]);
    const [third, first, fifth, second, fourth] = idsOf(rows);
    const newestFirst = [fifth, fourth, third, second, first];
    for (const limit of ['1', '2', '5', '200']) {
      expect(await walk(clientOf(owner), { limit })).toEqual(newestFirst);
    }
  });

  it('shows rows of one and the same moment each once', async () => {
    const owner = await members.admit();
    const rows = await accountsAt(
      owner,
      Array.from({ length: 7 }, () => minute(0)),
    );
    const byId = idsOf(rows).sort().reverse();
    expect(await walk(clientOf(owner), { limit: '2' })).toEqual(byId);
    expect(await walk(clientOf(owner), { limit: '7' })).toEqual(byId);
  });

  it('is not disturbed by what connects or ends between two pages', async () => {
    const owner = await members.admit();
    const rows = await accountsAt(owner, [1, 2, 3, 4, 5, 6].map(minute));
    const [one, two, three, four, five, six] = idsOf(rows);
    const client = clientOf(owner);

    const pages: string[][] = [];
    await walk(client, { limit: '2' }, async ({ body }) => {
      pages.push(idsOf(body.data));
      if (pages.length > 1) return;
      // One shown already, the cursor's own row, one still to come; and a newer one.
      for (const id of [six, five, four]) await client.delete(`${path}/${id}`);
      await accountsAt(owner, [minute(30)]);
    });
    expect(pages).toEqual([[six, five], [three, two], [one]]);
  });

  it('shows every workspace in reach, and by its own cursor nobody else the rows behind it', async () => {
    const owner = await members.admit();
    const elsewhere = await members.admit({ userId: owner.userId });
    const stranger = await members.admit();
    const mine = await accountsAt(owner, [minute(1), minute(4)]);
    const mineToo = await accountsAt(elsewhere, [minute(3)]);
    const theirs = await accountsAt(stranger, [minute(0), minute(2)]);
    const [oldest, newest] = idsOf(mine);

    expect(await walk(clientOf(owner), { limit: '1' })).toEqual([newest, mineToo[0]!.id, oldest]);
    const page = await list(clientOf(owner), { limit: '1' });
    const cursor = page.body.nextCursor!;
    const strangers = await list(clientOf(stranger), { cursor });
    expect(idsOf(strangers.body.data)).toEqual([theirs[1]!.id, theirs[0]!.id]);
    const narrowed = await list(clientOf(owner), { workspaceId: elsewhere.workspaceId, cursor });
    expect(idsOf(narrowed.body.data)).toEqual([mineToo[0]!.id]);
  });

  it('refuses a workspace out of reach, also one that a scoped key leaves out', async () => {
    const owner = await members.admit();
    const other = await members.admit({ userId: owner.userId });
    const scoped = new RestClient(apiUrl, await members.mintKey(owner.userId, [other.workspaceId]));
    const refusal = async (client: RestClient, workspaceId: string): Promise<unknown[]> => {
      const { status, body } = await list(client, { workspaceId });
      return [status, body.code];
    };
    const outOfReach = [403, 'WORKSPACE_OUT_OF_REACH'];
    expect(await refusal(clientOf(owner), aWorkspaceId())).toEqual(outOfReach);
    expect(await refusal(scoped, owner.workspaceId)).toEqual(outOfReach);
    expect(await refusal(scoped, other.workspaceId)).toEqual([200, undefined]);
  });

  it.each([
    ['limit=0', 'VALIDATION_FAILED'],
    ['limit=201', 'VALIDATION_FAILED'],
    ['limit=1.5', 'VALIDATION_FAILED'],
    ['limit=', 'VALIDATION_FAILED'],
    ['limit=many', 'VALIDATION_FAILED'],
    ['limit=1&limit=2', 'VALIDATION_FAILED'],
    ['workspaceId=ws_1', 'VALIDATION_FAILED'],
    ['workspaceId=', 'VALIDATION_FAILED'],
    ['surplus=1', 'VALIDATION_FAILED'],
    ['cursor=', 'BAD_CURSOR'],
    ['cursor=x', 'BAD_CURSOR'],
    [`cursor=${Buffer.from('1 soc_1').toString('base64url')}`, 'BAD_CURSOR'],
  ])('refuses ?%s', async (query, code) => {
    const owner = await members.admit();
    const { status, body } = await clientOf(owner).get<{ code: string }>(`${path}?${query}`);
    expect([status, body.code]).toEqual([400, code]);
  });
});
