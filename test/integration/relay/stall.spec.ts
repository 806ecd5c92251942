import { KafkaClient, MessagePublisher } from '@app/kafka';
import { useTestBed, waitFor } from '@app/testing';
import { liveAndDie, relayBed, startRelay, stopRelays } from './relay-under-test';

const bed = useTestBed();
afterEach(stopRelays);

it('a send that never ends ends the process with one line, but not while Kafka is away', async () => {
  const relay = await relayBed(bed);
  let letGo = (): void => undefined;
  const hanging = new (class extends MessagePublisher {
    override publish(): Promise<void> {
      return new Promise((resolve) => (letGo = resolve));
    }
  })(new KafkaClient(await bed.settings('relay')));
  bed.atEnd(() => hanging.close());
  let [away, asked] = [true, 0];
  const probeKafka = (): Promise<unknown> => {
    asked++;
    return away ? Promise.reject(new Error('away')) : Promise.resolve();
  };
  await liveAndDie(relay.events);
  const { running } = startRelay(
    { ...relay, publisher: hanging },
    { termMs: 6_000, stallAfterMs: 900, probeKafka },
  );
  let state = 'runs';
  running.catch(() => (state = 'failed'));
  // Twice as often as it takes to be a stall.
  await waitFor(() => asked >= 12);
  expect(state).toBe('runs');

  away = false;
  await expect(running).rejects.toThrow(/^The relay has stood still at -1 of \$all for \d+ s/);
  letGo();
});
