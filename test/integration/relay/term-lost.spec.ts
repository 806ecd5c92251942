import { Logger } from '@nestjs/common';
import { topics } from '@app/contracts';
import type { OutgoingMessage } from '@app/kafka';
import { KafkaClient, MessagePublisher } from '@app/kafka';
import { useTestBed, waitFor } from '@app/testing';
import { collect } from '../kafka/collect';
import type { RelayBed } from './relay-under-test';
import { liveAndDie, relayBed, startRelay, stopRelays } from './relay-under-test';

const bed = useTestBed();
const said: string[] = [];
let relay: RelayBed;
beforeAll(async () => {
  relay = await relayBed(bed);
  const note = (_fields: unknown, line: unknown): void => void said.push(String(line));
  Logger.overrideLogger({ log: note, warn: note, error: note });
});
afterEach(stopRelays);

async function holder(): Promise<string | undefined> {
  const rows: { holder: string }[] = await relay.dataSource.query(
    `SELECT holder FROM runtime.leadership WHERE name = 'relay'`,
  );
  return rows[0]?.holder;
}

/** A rival's term, as if this process had slept through the end of its own. */
async function rivalHoldsFor(interval: string): Promise<void> {
  await relay.dataSource.query(
    `UPDATE runtime.leadership
        SET holder = 'rival', epoch = epoch + 1, expires_at = clock_timestamp() + $1::interval
      WHERE name = 'relay'`,
    [interval],
  );
}

it('sends nothing while somebody else leads, and goes on when nobody does', async () => {
  const messages = await collect(bed, topics);
  const holdersAtSend: (string | undefined)[] = [];
  const watched = new (class extends MessagePublisher {
    override async publish(batch: readonly OutgoingMessage[]): Promise<void> {
      holdersAtSend.push(await holder());
      await super.publish(batch);
    }
  })(new KafkaClient(await bed.settings('relay')));
  bed.atEnd(() => watched.close());

  // A term so long that only the look at the database before each send can notice the rival.
  startRelay({ ...relay, publisher: watched }, { termMs: 600_000 });
  await waitFor(() => said.includes('leading'));
  await rivalHoldsFor('1 hour');
  const { channelId } = await liveAndDie(relay.events);
  await waitFor(() => said.includes('standing by') || holdersAtSend.length > 0);
  expect(holdersAtSend).toEqual([]);

  await stopRelays();
  await rivalHoldsFor('0 hours');
  startRelay({ ...relay, publisher: watched });
  const ids = () => messages.flatMap((m) => (m.key === channelId ? [m.headers.ce_id] : []));
  await waitFor(() => new Set(ids()).size === 3);
  expect(holdersAtSend).not.toContain('rival');
});
