import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { serviceRoles } from '@app/config';
import type { ChannelRow, Receipt } from '@app/domain';
import type { Members, RoleProcess } from '@app/testing';
import { anAccount, membersOf, RestClient, waitFor } from '@app/testing';
import { bestOf } from '../support/best-of';
import type { EngineName } from '../support/own-engines';
import { healthOf, missing } from '../support/health';
import { linesOfAll } from '../support/log-lines';
import { OwnEngines } from '../support/own-engines';
import { untilThere } from '../support/until-there';

/** Milliseconds after which whoever asks knows. */
const knownWithinMs = 2_000;
interface Engine {
  readonly name: string;
  readonly neededBy: readonly string[];
  /** How often it goes away in these tests. */
  readonly outages: number;
}
const engines: Readonly<Record<EngineName, Engine>> = {
  postgres: { name: 'PostgreSQL', neededBy: serviceRoles, outages: 1 },
  'event store': { name: 'EventStoreDB', neededBy: serviceRoles, outages: 1 },
  kafka: { name: 'Kafka', neededBy: ['relay', 'subscribers'], outages: 2 },
};

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
  });

  afterAll(() => bed.close());

  const connect = async (): Promise<ChannelRow> => {
    const request = {
      body: anAccount({ workspaceId: workspace.workspaceId, actor: workspace.userId }),
      headers: { 'idempotency-key': randomUUID() },
    };
    const { status, body } = await untilThere(() =>
      internal.post<ChannelRow>('/internal/v1/channels', request),
    );
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

  /** Every role that needs it isn't ready any more, and says why; it lives on. In how many milliseconds. */
  async function notReady(engine: EngineName): Promise<number> {
    const { name, neededBy } = engines[engine];
    const gone = performance.now();
    await Promise.all(
      roles.map(async (role) => {
        const isNeeded = neededBy.includes(role.role);
        await waitFor(async () => {
          const health = await healthOf(role);
          const expected = isNeeded ? [503, [name]] : [200, []];
          return isDeepStrictEqual([health.code, missing(health)], expected);
        });
        expect((await fetch(`${role.url}/health/live`)).status).toBe(200);
      }),
    );
    return performance.now() - gone;
  }
  /** Has an engine go away and come back until all knew of it in time. */
  async function expectKnownInTime(outage: () => Promise<number>): Promise<void> {
    const took = await bestOf(knownWithinMs, async () => {
      await allReady();
      return outage();
    });
    expect(took).toBeLessThan(knownWithinMs);
  }
  /** @returns the milliseconds until all knew; the engine is back by then */
  async function bounce(name: EngineName, meanwhile: () => Promise<void>): Promise<number> {
    let took = Infinity;
    await bed.bounce(name, async () => {
      took = await notReady(name);
      await meanwhile();
    });
    return took;
  }
  const allReady = (): Promise<unknown> =>
    Promise.all(
      roles.map((role) =>
        waitFor(async () => (await healthOf(role)).code === 200, {
          what: `the readiness of the ${role.role}`,
          withinMs: 45_000,
        }),
      ),
    );

  it.each(['postgres', 'event store'] as const)(
    'is answered with 503 while it is the %s, and all goes on when it is back',
    async (name) => {
      const row = await connect();
      await expectKnownInTime(() =>
        bounce(name, async () => {
          const { status, headers, body } = await api.delete<{ code: string }>(
            `/api/v1/social-accounts/${row.id}`,
          );
          expect([status, body.code]).toEqual([503, 'STORE_UNAVAILABLE']);
          expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
        }),
      );
      await disconnectWhenBack(row);
      const receipt = await completion(row);
      expect(receipt.effects.map(({ status }) => status)).toEqual(['DONE', 'DONE', 'DONE', 'DONE']);
    },
  );

  it('is waited for when it is Kafka: what was asked meanwhile is done afterwards', async () => {
    const row = await connect();
    await expectKnownInTime(() =>
      bounce('kafka', async () => {
        await disconnectWhenBack(row);
      }),
    );
    const receipt = await completion(row);
    expect(receipt.effects.map(({ status }) => status)).toEqual(['DONE', 'DONE', 'DONE', 'DONE']);
  });

  it('is missed as soon when it is Kafka and only falls silent', async () => {
    const { pid } = bed.engines.get('kafka')!;
    await expectKnownInTime(async () => {
      process.kill(pid, 'SIGSTOP');
      try {
        return await notReady('kafka');
      } finally {
        process.kill(pid, 'SIGCONT');
      }
    });
  });

  it('ends no role: each is ready again, and has told every outage once', async () => {
    await allReady();
    for (const role of roles) {
      for (const { name, neededBy, outages } of Object.values(engines)) {
        const expected = neededBy.includes(role.role) ? outages : 0;
        await waitFor(() => expectTold(role, name, expected), { what: `${name} and ${role.role}` });
      }
    }
  });

  /** By turns, so that each outage was told once. There may be more of them: a busy machine is slow. */
  function expectTold(role: RoleProcess, name: string, outages: number): true {
    const told = linesOfAll([role])
      .filter(({ msg, engine }) => /^engine (away|back)$/.test(msg) && engine === name)
      .map(({ msg }) => msg);
    const turns = Array.from({ length: told.length / 2 }, () => ['engine away', 'engine back']);
    expect(told).toEqual(turns.flat());
    expect(turns.length).toBeGreaterThanOrEqual(outages);
    return true;
  }
});
