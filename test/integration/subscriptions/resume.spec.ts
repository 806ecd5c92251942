import { join } from 'node:path';
import { jsonEvent } from '@eventstore/db-client';
import type { DataSource } from 'typeorm';
import { startEventStore } from '@app/embedded';
import { channelStream, EventStore, hasReached } from '@app/event-store';
import { runAsLeader } from '@app/leadership';
import { CheckpointStore } from '@app/persistence';
import type { EventHandler } from '@app/subscriptions';
import { lagOf, runHandler, UnknownCheckpoint } from '@app/subscriptions';
import { aContext, connected, useTestBed, waitFor } from '@app/testing';

const bed = useTestBed();
let dataSource: DataSource;
let events: EventStore;
let checkpoints: CheckpointStore;
beforeAll(async () => {
  dataSource = await bed.dataSource();
  events = await bed.eventStore();
  checkpoints = new CheckpointStore(dataSource);
});

async function connectOne(store = events): Promise<void> {
  const event = connected();
  await store.append(channelStream(event.data.channelId), 'no_stream', [event], aContext());
}

/** What others keep in the same store: nothing that a subscriber of ours is handed. */
async function appendForeign(count: number): Promise<void> {
  const foreign = Array.from({ length: count }, () => jsonEvent({ type: 'Noise', data: {} }));
  await events.client.appendToStream('noise', foreign);
}

function follow(name: string, store = events) {
  const ending = new AbortController();
  const { signal } = ending;
  const handler: EventHandler = { name, apply: () => Promise.resolve() };
  const ended = runAsLeader({ name, dataSource, termMs: 6_000, signal }, (term) =>
    runHandler({
      ...{ handler, term, events: store, dataSource, checkpoints },
      ...{ retryCapMs: 50, stallAfterMs: 30_000 },
    }),
  );
  const stop = async (): Promise<void> => {
    ending.abort();
    await ended;
  };
  return { ended, stop };
}

describe('A checkpoint', () => {
  it('moves past what others append, and keeps the event that it stands on', async () => {
    await connectOne();
    const own = await events.lastEvent();
    const following = follow('idle');
    await waitFor(async () => (await checkpoints.load('idle'))?.event?.id === own!.id);
    // More than the server considers between two checkpoints of a filtered subscription.
    for (let n = 0; n < 3; n++) await appendForeign(700);
    const moved = await waitFor(async () => {
      const checkpoint = await checkpoints.load('idle');
      const isFurther = checkpoint && checkpoint.position.commit > own!.position.commit;
      return isFurther ? checkpoint : undefined;
    });
    expect(moved.event).toEqual({
      id: own!.id,
      position: own!.position,
      recordedAt: own!.recordedAt,
    });
    await following.stop();

    // Whoever begins again is told where the others' events end, however few they are.
    await appendForeign(3);
    const end = (await events.endOfAll())!;
    const again = follow('idle');
    await waitFor(async () => {
      const checkpoint = await checkpoints.load('idle');
      return checkpoint && hasReached(checkpoint.position, end);
    });
    await again.stop();
  });

  it('behind whose event the store has lost the events of others misses nothing that comes after', async () => {
    await connectOne();
    const first = follow('ahead');
    await waitFor(async () => (await checkpoints.load('ahead'))?.event);
    await first.stop();
    // As a restored store leaves it: the event is there, and the others' behind it aren't.
    await dataSource.query(
      `UPDATE runtime.checkpoints SET commit_position = commit_position + 100000000,
              prepare_position = prepare_position + 100000000 WHERE name = 'ahead'`,
    );
    await connectOne();
    const own = await events.lastEvent();
    const again = follow('ahead');
    await waitFor(async () => (await checkpoints.load('ahead'))?.event?.id === own!.id);
    expect((await checkpoints.load('ahead'))!.position.commit).toBeLessThan(100_000_000n);
    await again.stop();
  });

  it('of another event store stops who goes on from it, with a line that says what to do', async () => {
    await connectOne();
    const first = follow('moved');
    await waitFor(async () => (await checkpoints.load('moved'))?.event);
    await first.stop();
    const before = await checkpoints.load('moved');

    const engine = await startEventStore({
      dataDir: join(bed.folder, 'another'),
      fsync: false,
      strict: bed.strictness,
    });
    bed.atEnd(() => engine.stop());
    const another = new EventStore(engine.url, 5_000);
    bed.atEnd(() => another.close());
    // Empty, and then with more events than the checkpoint is far.
    const { ended } = follow('moved', another);
    await expect(ended).rejects.toThrow(UnknownCheckpoint);
    for (let n = 0; n < 30; n++) await connectOne(another);
    await expect(follow('moved', another).ended).rejects.toThrow(
      new RegExp(
        `^The checkpoint moved stands on the event ${before!.event!.id} at ${before!.event!.position.commit} of ` +
          String.raw`\$all, which this event store does not have: .*EVENTSTORE_URL`,
      ),
    );
    expect(await checkpoints.load('moved')).toEqual(before);
  });

  it('stops who follows when the store is another one after it was away', async () => {
    const first = await startEventStore({
      dataDir: join(bed.folder, 'first'),
      fsync: false,
      strict: bed.strictness,
    });
    const store = new EventStore(first.url, 5_000);
    bed.atEnd(() => store.close());
    for (let n = 0; n < 5; n++) await connectOne(store);
    const { ended } = follow('restored', store);
    ended.catch(() => undefined);
    await waitFor(async () => (await checkpoints.load('restored'))?.event);

    await first.stop();
    const { port } = first;
    const restored = await startEventStore({
      ...{ dataDir: join(bed.folder, 'restored'), port },
      fsync: false,
      strict: bed.strictness,
    });
    bed.atEnd(() => restored.stop());
    await expect(ended).rejects.toThrow(UnknownCheckpoint);
  });
});

describe('The lag of a checkpoint', () => {
  it('counts the events of ours behind it, and the time to the last one', async () => {
    const at = await events.lastEvent();
    const { id, position, recordedAt } = at!;
    const checkpoint = { position, event: { id, position, recordedAt } };
    expect(await lagOf(events, checkpoint)).toEqual({ events: 0, counted: true, seconds: 0 });
    await appendForeign(20);
    expect(await lagOf(events, checkpoint)).toEqual({ events: 0, counted: true, seconds: 0 });

    for (let n = 0; n < 5; n++) await connectOne();
    const last = await events.lastEvent();
    expect(await lagOf(events, checkpoint)).toEqual({
      events: 5,
      counted: true,
      seconds: (last!.recordedAt.getTime() - recordedAt.getTime()) / 1_000,
    });
    const all = await lagOf(events, null);
    expect(all.events).toBeGreaterThan(5);
  });

  it('says when it did not count to the end', async () => {
    expect(await lagOf(events, null, -1)).toMatchObject({ counted: false });
  });
});
