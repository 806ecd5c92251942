import type { RoleProcess } from '@app/testing';
import { useTestBed, waitFor } from '@app/testing';
import { bestOf } from '../../support/best-of';
import type { Health } from '../../support/health';
import { healthOf, missing } from '../../support/health';
import { TcpProxy } from '../../support/tcp-proxy';

/** Whoever asks has an answer by then, and doesn't take the silence for the process's own. */
const limitMs = 2_000;

describe('A role whose engine accepts connections and never answers', () => {
  const bed = useTestBed();
  let relay: RoleProcess;
  const proxies = {} as Record<'PostgreSQL' | 'EventStoreDB', TcpProxy>;

  beforeAll(async () => {
    await bed.createTopics();
    proxies.PostgreSQL = await TcpProxy.before(await bed.databaseUrl());
    proxies.EventStoreDB = await TcpProxy.before((await bed.eventStoreEngine()).url);
    for (const proxy of Object.values(proxies)) bed.atEnd(() => proxy.close());
    const env = await bed.environment({
      DATABASE_URL: proxies.PostgreSQL.url,
      EVENTSTORE_URL: proxies.EventStoreDB.url,
      // A leader whose database falls silent ends; here it stays, to be asked.
      LEADERSHIP_TERM_MS: '60000',
      STORE_TIMEOUT_MS: '500',
    });
    relay = await bed.startRole('relay', env);
  });

  /**
   * 503 because of that engine and no other, soon after that was to be expected. A subscription that is begun
   * anew, long after its link was cut, is a reason of its own in between.
   *
   * @param hang has it fall silent
   * @param meanwhile what else holds of it, before it is back
   */
  async function expectUnreadyInTime(
    name: keyof typeof proxies,
    hang: () => void,
    meanwhile: (health: Health) => unknown = () => undefined,
  ): Promise<void> {
    const took = await bestOf(limitMs, async () => {
      await ready();
      const hung = performance.now();
      hang();
      const health = await waitFor(async () => {
        const answer = await healthOf(relay);
        return answer.code === 503 && missing(answer).join() === name && answer;
      });
      const known = performance.now() - hung;
      await meanwhile(health);
      proxies[name].heal();
      return known;
    });
    expect(took).toBeLessThan(limitMs);
    // The event store's client finds out by its keepalive, after 20 s.
    await ready();
  }
  const ready = (): Promise<true> =>
    waitFor(async () => (await healthOf(relay)).code === 200, { withinMs: 45_000 });

  // Kafka is no such stretch: its brokers say themselves where they are. See engines-away.
  it.each(['EventStoreDB', 'PostgreSQL'] as const)(
    'says soon that it is not ready while that is %s, and which one it is',
    async (name) => {
      await expectUnreadyInTime(
        name,
        () => proxies[name].hang(),
        async (health) => {
          expect(health.status).toBe('not ready');
          expect(health.engines[name]!.problem).toContain(`${name} at `);
          expect((await fetch(`${relay.url}/health/live`)).status).toBe(200);
        },
      );
    },
  );

  it('asks again what has answered once: a connection that falls silent later counts', async () => {
    for (const sent of ['to_regclass', 'FROM public.migrations']) {
      await expectUnreadyInTime('PostgreSQL', () => void proxies.PostgreSQL.hangAt(sent));
    }
  });
});
