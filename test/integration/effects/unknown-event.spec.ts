import { randomUUID } from 'node:crypto';
import { jsonEvent } from '@eventstore/db-client';
import { channelsTopic } from '@app/contracts';
import { KafkaClient, MessagePublisher } from '@app/kafka';
import { aChannelId, useTestBed } from '@app/testing';
import { effectsUnderTest, patience, workOf } from './effects-under-test';
import { announcement, disconnectedChannel } from './given';

const bed = useTestBed({ patient: true });
const later = () =>
  jsonEvent({
    id: randomUUID(),
    type: 'ChannelRenamed',
    data: {},
    metadata: { schemaVersion: 1 },
  });

it('ends the process with a line that names the event type, and touches nothing', async () => {
  await bed.createTopics();
  const subscribers = await bed.startRole('subscribers', await bed.environment());
  const store = await bed.eventStore();
  const channelId = aChannelId();
  await store.client.appendToStream(`channel-${channelId}`, later());
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

it('costs no try: the release that knows it has them all', async () => {
  const effectMaxTries = 2;
  const effects = await effectsUnderTest(bed, { effectMaxTries });
  const channelId = await disconnectedChannel(effects);
  const work = { effect: 'comments-purge', channelId } as const;
  await effects.inbox.receive('comments-purge', announcement(channelId));
  await effects.store.client.appendToStream(`channel-${channelId}`, later());
  for (let time = 0; time <= effectMaxTries; time++) {
    await expect(effects.worker.run(work, patience)).rejects.toThrow('ChannelRenamed');
  }
  const row = { state: 'pending', attempts: effectMaxTries + 1 };
  expect(await workOf(effects, channelId, 'comments-purge')).toMatchObject(row);
});
