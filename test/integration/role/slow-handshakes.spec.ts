import type { Settings } from '@app/config';
import type { Probe } from '@app/role';
import { eventStoreProbe, kafkaProbe, postgresProbe } from '@app/role';
import { useTestBed } from '@app/testing';
import { TcpProxy } from '../../support/tcp-proxy';

describe('An engine whose handshakes take longer than a look', () => {
  const bed = useTestBed();
  beforeAll(() => bed.createTopics());

  it.each<[string, (settings: Settings) => string, (settings: Settings, url: string) => Probe]>([
    [
      'PostgreSQL',
      ({ databaseUrl }) => databaseUrl,
      (settings, databaseUrl) => postgresProbe({ ...settings, databaseUrl }),
    ],
    [
      'EventStoreDB',
      ({ eventstoreUrl }) => eventstoreUrl,
      (settings, eventstoreUrl) => eventStoreProbe({ ...settings, eventstoreUrl }),
    ],
    [
      'Kafka',
      ({ kafkaBrokers }) => `kafka://${kafkaBrokers}`,
      (settings, url) => kafkaProbe({ ...settings, kafkaBrokers: new URL(url).host }),
    ],
  ])('is found to be there all the same, with one connection: %s', async (_, urlOf, probeOf) => {
    const settings = await bed.settings('relay');
    const proxy = await TcpProxy.before(urlOf(settings));
    bed.atEnd(() => proxy.close());
    const probe = probeOf(settings, proxy.url);
    proxy.hold();
    for (let look = 1; look <= 3; look++) {
      await expect(probe.check(100)).rejects.toThrow('no answer within 100 ms');
    }
    proxy.release();
    await probe.check(2_500);
    expect(proxy.accepted).toBe(1);
    probe.close();
  });
});
