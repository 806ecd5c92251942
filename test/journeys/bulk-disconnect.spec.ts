import type { DataSource } from 'typeorm';
import type { ChannelRow } from '@app/domain';
import { rowOf } from '@app/domain';
import type { EventStore } from '@app/event-store';
import { channelStream } from '@app/event-store';
import type { Member, Members, RestAnswer } from '@app/testing';
import { aChannelId, membersOf, RestClient, useTestBed } from '@app/testing';
import { aChannel } from '../support/channels';

interface Result {
  readonly accountId: string;
  readonly status: number;
  readonly row?: ChannelRow;
  readonly error?: { readonly code: string; readonly requestId: string };
}
type Answer = RestAnswer<{ readonly results: readonly Result[]; readonly code?: string }>;

describe('Disconnecting many accounts with one request', () => {
  const bed = useTestBed({ patient: true });
  let dataSource: DataSource;
  let events: EventStore;
  let members: Members;
  let owner: Member;
  let client: RestClient;
  let apiUrl: string;

  beforeAll(async () => {
    dataSource = await bed.dataSource();
    events = await bed.eventStore();
    members = await membersOf(bed);
    apiUrl = (await bed.startRole('api', await bed.environment())).url;
    owner = await members.admit();
    client = new RestClient(apiUrl, owner.key);
  });

  const bulk = (accountIds: unknown, as = client): Promise<Answer> =>
    as.post('/api/v1/social-accounts/bulk-disconnect', { body: { accountIds } });
  const connected = async (count: number, workspaceId = owner.workspaceId) => {
    const rows: ChannelRow[] = [];
    for (let n = 0; n < count; n++) rows.push(rowOf(await aChannel(events, { workspaceId })));
    return rows;
  };
  const idsOf = (rows: readonly ChannelRow[]): string[] => rows.map(({ id }) => id);
  const short = ({ status, row, error }: Result) => [status, row?.status ?? error?.code];
  /** Without what differs from request to request. */
  const lasting = ({ error, ...result }: Result) => ({ ...result, code: error?.code });

  it('answers 100 ids of every kind in their order, and a repeat the same', async () => {
    const edited = await members.admit({ userId: owner.userId, role: 'EDITOR' });
    const stranger = await members.admit();
    const mine = await connected(70);
    const others = [
      ...(await connected(8, edited.workspaceId)),
      ...(await connected(7, stranger.workspaceId)),
    ];
    const unknown = Array.from({ length: 7 }, aChannelId);
    const malformed = ['', 'soc_1', mine[0]!.id.toLowerCase()];
    const repeated = idsOf(mine.slice(0, 5));
    const ids = shuffled([...idsOf(mine), ...idsOf(others), ...unknown, ...malformed, ...repeated]);
    expect(ids).toHaveLength(100);

    const expected = (id: string): unknown[] => {
      if (malformed.includes(id)) return [400, 'MALFORMED_ID'];
      if (mine.some((row) => row.id === id)) return [200, 'DISCONNECTED'];
      const row = others.find((other) => other.id === id);
      return row?.workspaceId === edited.workspaceId
        ? [403, 'ROLE_TOO_LOW']
        : [404, 'CHANNEL_NOT_FOUND'];
    };
    const { status, headers, body } = await bulk(ids);
    expect(status).toBe(200);
    expect(body.results.map(({ accountId }) => accountId)).toEqual(ids);
    expect(body.results.map(short)).toEqual(ids.map(expected));
    const requestIds = body.results.flatMap(({ error }) => error?.requestId ?? []);
    expect(new Set(requestIds)).toEqual(new Set([headers.get('x-request-id')]));

    const again = await bulk(ids);
    expect(again.body.results.map(lasting)).toEqual(body.results.map(lasting));
    for (const { id } of mine) expect(await events.read(channelStream(id))).toHaveLength(2);
    for (const { id } of others) expect(await events.read(channelStream(id))).toHaveLength(1);
  });

  it('answers for each what DELETE answers', async () => {
    const [row] = await connected(1);
    const id = row!.id;
    const { body } = await bulk([id, aChannelId()]);
    expect(body.results[0]).toEqual({
      accountId: id,
      status: 200,
      row: { ...row, status: 'DISCONNECTED' },
    });
    const deleted = await client.delete(`/api/v1/social-accounts/${id}`);
    expect(deleted.body).toEqual(body.results[0]!.row);
    const unknown = await client.delete<object>(`/api/v1/social-accounts/${aChannelId()}`);
    const { requestId } = body.results[1]!.error!;
    expect(body.results[1]!.error).toEqual({ ...unknown.body, requestId });
  });

  it('counts as one request', async () => {
    const rows = await connected(20);
    await dataSource.query('DELETE FROM access.rate_limits');
    await bulk(idsOf(rows));
    const counted: { points: number }[] = await dataSource.query(
      'SELECT points FROM access.rate_limits',
    );
    expect(counted.map(({ points }) => points)).toEqual([1, 1]);
  });

  it.each([
    ['no list', undefined],
    ['an empty list', []],
    ['101 ids', Array.from({ length: 101 }, aChannelId)],
    ['what is no text', [aChannelId(), 1]],
    ['a list in a list', [[aChannelId()]]],
    ['no list but a text', aChannelId()],
  ])('refuses %s as a whole', async (_, accountIds) => {
    const { status, body } = await bulk(accountIds);
    expect([status, body.code]).toEqual([400, 'VALIDATION_FAILED']);
  });

  it('ends each account once also when others end it at the same time', async () => {
    const rows = await connected(30);
    const answers = await Promise.all([
      bulk(idsOf(rows)),
      bulk(idsOf(rows).reverse()),
      ...rows.slice(0, 10).map(({ id }) => client.delete(`/api/v1/social-accounts/${id}`)),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const [forth, back] = answers as Answer[];
    expect(forth!.body.results).toEqual([...back!.body.results].reverse());
    for (const { id } of rows) expect(await events.read(channelStream(id))).toHaveLength(2);
  });
});

/** In an order that isn't the kinds' own, and the same each time. */
function shuffled<T>(items: readonly T[]): T[] {
  return items.map((_, index) => items[(index * 37) % items.length]!);
}
