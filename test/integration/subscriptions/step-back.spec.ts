import { channelStream } from '@app/event-store';
import type { EventStore, RecordedPlace } from '@app/event-store';
import { CheckpointStore } from '@app/persistence';
import { stepBack } from '@app/subscriptions';
import { aContext, connected, waitFor } from '@app/testing';
import { RestorableBed } from '../../support/restorable-bed';

describe('A subscriber of an event store that was restored', () => {
  const bed = new RestorableBed();
  afterAll(() => bed.close());

  const recordedAgain = 'recovery_';
  const anHour = 60 * 60 * 1_000;

  async function appendOne(
    events: EventStore,
    correlationId = aContext().correlationId,
  ): Promise<RecordedPlace> {
    const event = connected();
    const context = { ...aContext(), correlationId };
    await events.append(channelStream(event.data.channelId), 'no_stream', [event], context);
    const { id, position, recordedAt } = (await events.lastEvent())!;
    return { id, position, recordedAt };
  }

  const isBack = (events: EventStore) => waitFor(() => events.ping().then(() => true));

  it('goes on from what they have in common, and not from what came since', async () => {
    const dataSource = await bed.dataSource();
    const checkpoints = new CheckpointStore(dataSource);
    const events = await bed.eventStore();
    const stand = (name: string, event: RecordedPlace): Promise<void> =>
      checkpoints.save(dataSource.manager, name, null, { position: event.position, event });
    const back = (name: string, margin?: number): Promise<boolean> =>
      stepBack(dataSource.manager, { name, events, checkpoints }, { recordedAgain, margin });

    const common = await appendOne(events);
    await bed.backUpEvents();
    await isBack(events);
    await appendOne(events);
    const lost = await appendOne(events);
    for (const name of ['near', 'far', 'ahead']) await stand(name, lost);
    await bed.restoreEvents();
    await isBack(events);
    // To a store whose clock is behind, what is recorded again now seems to be older than what was lost.
    await appendOne(events, 'recovery_1');
    expect(await back('ahead', -anHour)).toBe(true);
    expect((await checkpoints.load('ahead'))!.event).toEqual(common);
    // As many as were lost, so that its place alone tells nothing.
    for (let n = 0; n < 2; n++) await appendOne(events);

    expect(await back('near', 0)).toBe(true);
    expect(await checkpoints.load('near')).toEqual({ position: common.position, event: common });
    // Everything is of the last hour here.
    expect(await back('far')).toBe(true);
    expect(await checkpoints.load('far')).toBeNull();
    // Both are of this store by now.
    expect([await back('near'), await back('far')]).toEqual([false, false]);
  });
});
