import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ChannelRow, Receipt } from '@app/domain';
import type { RunningEngine } from '@app/embedded';
import { clearEngineData, startEventStore, startKafka, startPostgres } from '@app/embedded';
import { setUp } from '@app/operations';
import type { Members, RoleProcess } from '@app/testing';
import { anAccount, freePort, membersOf, RestClient, TestBed, waitFor } from '@app/testing';
import { loadSettings, serviceRoles } from '@app/config';

/** Engines of its own, so that they can be killed. */
class KillableBed extends TestBed {
  readonly engines = new Map<string, RunningEngine>();
  readonly starts = {
    postgres: async (): Promise<RunningEngine> =>
      startPostgres({ dataDir: join(this.folder, 'postgres'), port: this.ports['postgres'] }),
    kafka: async (): Promise<RunningEngine> =>
      startKafka({ dataDir: join(this.folder, 'kafka'), port: this.ports['kafka'] }),
    'event store': async (): Promise<RunningEngine> =>
      startEventStore({
        dataDir: join(this.folder, 'event store'),
        port: this.ports['event store'],
      }),
  };
  private readonly ports: Record<string, number> = {};

  async startEngines(): Promise<NodeJS.ProcessEnv> {
    for (const name of ['postgres', 'kafka', 'event store'] as const) {
      this.ports[name] = await freePort();
      this.engines.set(name, await this.starts[name]());
      this.atEnd(async () => {
        await this.engines.get(name)!.stop();
        await clearEngineData(join(this.folder, name));
      });
    }
    const env = await this.environment();
    await setUp(loadSettings('ops', env));
    return env;
  }

  override databaseUrl(): Promise<string> {
    return Promise.resolve(this.engines.get('postgres')!.url);
  }

  override get kafkaBrokers(): string {
    return this.engines.get('kafka')!.url;
  }

  override eventStoreEngine(): Promise<RunningEngine> {
    return Promise.resolve(this.engines.get('event store')!);
  }

  /** The engine is killed, and is back under the same address when the answer comes. */
  async bounce(name: 'postgres' | 'kafka' | 'event store', meanwhile: () => Promise<void>) {
    const engine = this.engines.get(name)!;
    engine.kill();
    await engine.exited;
    await meanwhile();
    this.engines.set(name, await this.starts[name]());
  }
}

describe('An engine that goes away while every role runs', () => {
  const bed = new KillableBed();
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
