import type { DataSource } from 'typeorm';
import type { EventStore } from '@app/event-store';
import { channelStream } from '@app/event-store';
import type { Place } from '@app/persistence';
import { CheckpointStore } from '@app/persistence';
import { checkpointProgress } from '@app/subscriptions';
import { aContext, connected, useTestBed } from '@app/testing';

const bed = useTestBed();
let dataSource: DataSource;
let events: EventStore;
let checkpoints: CheckpointStore;
beforeAll(async () => {
  dataSource = await bed.dataSource();
  events = await bed.eventStore();
  checkpoints = new CheckpointStore(dataSource);
  const start = connected();
  const stream = channelStream(start.data.channelId);
  await events.append(stream, 'no_stream', [start], aContext());
});

/** Whether something waits for a subscriber that has come to this place. */
async function waits(name: string, position: Place | null): Promise<boolean> {
  if (position) {
    await checkpoints.save(dataSource.manager, name, null, { position, event: null });
  }
  const [progress] = await checkpointProgress({ name, events, checkpoints });
  return progress!.waiting;
}

describe('what waits for a subscriber', () => {
  it('is whatever lies after its checkpoint', async () => {
    const last = (await events.lastPosition())!;
    expect(await waits('new', null)).toBe(true);
    expect(await waits('there', last)).toBe(false);
    expect(await waits('further', { commit: last.commit + 5n, prepare: 0n })).toBe(false);
  });

  it('is also an event where the checkpoint is, but for the prepare position', async () => {
    // EventStoreDB tells such places when it has looked at events of others only.
    const last = (await events.lastPosition())!;
    expect(await waits('just before', { commit: last.commit, prepare: 0n })).toBe(true);
  });
});
