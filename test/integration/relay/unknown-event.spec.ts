import { randomUUID } from 'node:crypto';
import { jsonEvent } from '@eventstore/db-client';
import { aChannelId, useTestBed } from '@app/testing';

const bed = useTestBed();

it('ends the process with a line that names the event type, and skips nothing', async () => {
  await bed.createTopics();
  const relay = await bed.startRole('relay', await bed.environment());
  const store = await bed.eventStore();
  const event = jsonEvent({
    id: randomUUID(),
    type: 'ChannelRenamed',
    data: {},
    metadata: { schemaVersion: 1 },
  });
  await store.client.appendToStream(`channel-${aChannelId()}`, event);

  expect(await relay.exited).toEqual({ code: 1, signal: null });
  expect(relay.output()).toContain('Unknown event type ChannelRenamed v1');
  const unknown = await store.lastPosition();
  const passed: unknown = await (
    await bed.dataSource()
  ).query('SELECT FROM runtime.checkpoints WHERE commit_position >= $1', [String(unknown!.commit)]);
  expect(passed).toEqual([]);
});
