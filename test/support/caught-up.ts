import type { DataSource } from 'typeorm';
import type { EventStore } from '@app/event-store';
import { waitFor } from '@app/testing';

/** Whoever follows the event store, with the first generation of each projection. */
const subscribers = ['channels@1', 'receipts@1', 'registrar', 'relay', 'reconciler'];

/** Until each subscriber has come to where the event store ends now. */
export async function allCaughtUp(dataSource: DataSource, events: EventStore): Promise<void> {
  const last = (await events.lastPosition())!;
  await waitFor(
    async () => {
      const caughtUp: unknown[] = await dataSource.query(
        'SELECT FROM runtime.checkpoints WHERE name = ANY ($1) AND commit_position >= $2',
        [subscribers, last.commit.toString()],
      );
      return caughtUp.length === subscribers.length;
    },
    { what: 'every subscriber at the end of the event store' },
  );
}
