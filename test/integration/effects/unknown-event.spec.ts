import { randomUUID } from 'node:crypto';
import { jsonEvent } from '@eventstore/db-client';
import { channelsTopic } from '@app/contracts';
import { KafkaClient, MessagePublisher } from '@app/kafka';
import { aChannelId, useTestBed } from '@app/testing';
import { announcement } from './given';

const bed = useTestBed();

it('ends the process with a line that names the event type, and touches nothing', async () => {
  await bed.createTopics();
  const subscribers = await bed.startRole('subscribers', await bed.environment());
  const store = await bed.eventStore();
  const channelId = aChannelId();
  const renamed = jsonEvent({
    id: randomUUID(),
    type: 'ChannelRenamed',
    data: {},
    metadata: { schemaVersion: 1 },
  });
  await store.client.appendToStream(`channel-${channelId}`, renamed);
  const publisher = new MessagePublisher(new KafkaClient(await bed.settings('subscribers')));
  bed.atEnd(() => publisher.close());
  const { headers, value } = announcement(channelId);
  await publisher.publish([
    { topic: channelsTopic, key: channelId, headers, value: String(value) },
  ]);

  expect(await subscribers.exited).toEqual({ code: 1, signal: null });
  expect(subscribers.output()).toContain('Unknown event type ChannelRenamed v1');
  // Whoever of it met the event first: the worker, or the reconciler before there was any work.
  const dataSource = await bed.dataSource();
  const touched: unknown = await dataSource.query(
    `SELECT FROM effects.work WHERE state <> 'pending' UNION ALL SELECT FROM effects.disconnections`,
  );
  expect(touched).toEqual([]);
});
