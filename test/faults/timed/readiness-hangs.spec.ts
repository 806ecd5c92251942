import type { RoleProcess } from '@app/testing';
import { useTestBed, waitFor } from '@app/testing';
import { TcpProxy } from '../../support/tcp-proxy';

/** Whoever asks has an answer by then, and doesn't take the silence for the process's own. */
const limitMs = 2_000;

interface Readiness {
  readonly status: string;
  readonly checks: Readonly<Record<string, string>>;
}

describe('A role whose engine accepts connections and never answers', () => {
  const bed = useTestBed();
  let relay: RoleProcess;
  const proxies = {} as Record<'PostgreSQL' | 'EventStoreDB' | 'Kafka', TcpProxy>;

  beforeAll(async () => {
    await bed.createTopics();
    proxies.PostgreSQL = await TcpProxy.before(await bed.databaseUrl());
    proxies.EventStoreDB = await TcpProxy.before((await bed.eventStoreEngine()).url);
    proxies.Kafka = await TcpProxy.before(`kafka://${bed.kafkaBrokers}`);
    for (const proxy of Object.values(proxies)) bed.atEnd(() => proxy.close());
    const env = await bed.environment({
      DATABASE_URL: proxies.PostgreSQL.url,
      EVENTSTORE_URL: proxies.EventStoreDB.url,
      KAFKA_BROKERS: new URL(proxies.Kafka.url).host,
      // A leader whose database falls silent ends; here it stays, to be asked.
      LEADERSHIP_TERM_MS: '60000',
      STORE_TIMEOUT_MS: '500',
    });
    relay = await bed.startRole('relay', env);
  });

  async function readiness(): Promise<Readiness & { readonly code: number }> {
    const response = await fetch(`${relay.url}/health/ready`);
    return { code: response.status, ...((await response.json()) as Readiness) };
  }

  it.each(['EventStoreDB', 'Kafka', 'PostgreSQL'] as const)(
    'says soon that it is not ready while that is %s, and which one it is',
    async (name) => {
      expect((await readiness()).code).toBe(200);

      proxies[name].hang();
      const asked = performance.now();
      const { code, status, checks } = await readiness();
      expect(performance.now() - asked).toBeLessThan(limitMs);
      expect([code, status]).toEqual([503, 'not ready']);
      expect(checks[name]).toContain(`${name} at `);
      const others = Object.keys(proxies).filter((other) => other !== name);
      expect(others.map((other) => checks[other])).toEqual(['ok', 'ok']);

      proxies[name].heal();
      // The event store's client finds out by its keepalive, after 20 s.
      await waitFor(async () => (await readiness()).code === 200, { withinMs: 45_000 });
    },
  );

  it('asks again what has answered once: a connection that falls silent later counts', async () => {
    for (const sent of ['to_regclass', 'FROM public.migrations']) {
      void proxies.PostgreSQL.hangAt(sent);
      const asked = performance.now();
      const { code } = await readiness();
      expect(performance.now() - asked).toBeLessThan(limitMs);
      expect(code).toBe(503);
      proxies.PostgreSQL.heal();
    }
  });
});
