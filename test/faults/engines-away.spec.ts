import { randomUUID } from 'node:crypto';
import { serviceRoles } from '@app/config';
import type { ChannelRow, Receipt } from '@app/domain';
import type { Members, RoleProcess } from '@app/testing';
import { anAccount, membersOf, RestClient, waitFor } from '@app/testing';
import { OwnEngines } from '../support/own-engines';

describe('An engine that goes away while every role runs', () => {
  const bed = new OwnEngines();
  let roles: readonly RoleProcess[];
  let members: Members;
  let api: RestClient;
  let internal: RestClient;
  let workspace: { workspaceId: string; userId: string };

  beforeAll(async () => {
    const env = await bed.startEngines();
    roles = await Promise.all(serviceRoles.map((role) => bed.startRole(role, env)));
    members = await membersOf(bed);
    const owner = await members.admit();
    workspace = owner;
    const url = (role: string): string => roles.find((started) => started.role === role)!.url;
    api = new RestClient(url('api'), owner.key);
    internal = new RestClient(url('internal'), await members.mintService(['connect']));
  }, 120_000);

  afterAll(() => bed.close());

  const connect = async (): Promise<ChannelRow> => {
    const { status, body } = await internal.post<ChannelRow>('/internal/v1/channels', {
      body: anAccount({ workspaceId: workspace.workspaceId, actor: workspace.userId }),
      headers: { 'idempotency-key': randomUUID() },
    });
    expect(status).toBe(201);
    return body;
  };
  const disconnectWhenBack = (row: ChannelRow): Promise<ChannelRow> =>
    waitFor(
      async () => {
        const { status, body } = await api.delete<ChannelRow>(`/api/v1/social-accounts/${row.id}`);
        return status === 200 && body;
      },
      { what: 'an answer to DELETE', withinMs: 30_000 },
    );
  const completion = (row: ChannelRow): Promise<Receipt> =>
    waitFor(
      async () => {
        const path = `/api/v1/social-accounts/${row.id}/disconnection`;
        const { body } = await api.get<Receipt>(path);
        return body.status === 'COMPLETED' && body;
      },
      { what: 'the completed receipt', withinMs: 45_000 },
    );

  it.each(['postgres', 'event store'] as const)(
    'is answered with 503 while it is the %s, and all goes on when it is back',
    async (name) => {
      const row = await connect();
      await bed.bounce(name, async () => {
        const { status, headers, body } = await api.delete<{ code: string }>(
          `/api/v1/social-accounts/${row.id}`,
        );
        expect([status, body.code]).toEqual([503, 'STORE_UNAVAILABLE']);
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      });
      await disconnectWhenBack(row);
      const receipt = await completion(row);
      expect(receipt.effects.map(({ status }) => status)).toEqual(['DONE', 'DONE', 'DONE', 'DONE']);
    },
    120_000,
  );

  it('is waited for when it is Kafka: what was asked meanwhile is done afterwards', async () => {
    const row = await connect();
    await bed.bounce('kafka', async () => {
      await disconnectWhenBack(row);
    });
    const receipt = await completion(row);
    expect(receipt.effects.map(({ status }) => status)).toEqual(['DONE', 'DONE', 'DONE', 'DONE']);
  }, 120_000);

  it('ends no role', async () => {
    const ready = await Promise.all(
      roles.map(({ role, url }) =>
        waitFor(async () => (await fetch(`${url}/health/ready`)).status === 200 && role),
      ),
    );
    expect(ready).toEqual(roles.map(({ role }) => role));
  });
});
