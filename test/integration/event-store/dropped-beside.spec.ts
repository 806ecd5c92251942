import { join } from 'node:path';
import { startEventStore } from '@app/embedded';
import { channelStream, EventStore } from '@app/event-store';
import { aContext, connected, useTestBed } from '@app/testing';
import { followEvents } from '../../support/follow-events';

describe('calls beside subscriptions that the store drops', () => {
  const bed = useTestBed();

  it('do not fail with them', async () => {
    const dataDir = join(bed.folder, 'dropping');
    const engine = await startEventStore({ dataDir, fsync: false, strict: { seed: 'drops' } });
    bed.atEnd(() => engine.stop());
    const store = new EventStore(engine.url, 5_000);
    bed.atEnd(() => store.close());
    const followers = Array.from({ length: 20 }, () => followEvents(store));
    const drops = (): number => followers.reduce((sum, follower) => sum + follower.drops.length, 0);

    /** Until subscriptions were dropped often enough to hit a call that is about to begin. */
    async function keepAsking(call: () => Promise<unknown>): Promise<void> {
      while (drops() < 20) await call();
    }
    const append = (): Promise<unknown> => {
      const start = connected();
      return store.append(channelStream(start.data.channelId), 'no_stream', [start], aContext());
    };
    await Promise.all([
      keepAsking(append),
      keepAsking(() => store.readLast('channel-none')),
      keepAsking(() => store.endOfAll()),
    ]);
    await Promise.all(followers.map(({ stop }) => stop()));
  });
});
