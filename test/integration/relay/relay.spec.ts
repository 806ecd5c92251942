import { topics } from '@app/contracts';
import { channelStream, disconnectionStream } from '@app/event-store';
import type { OutgoingMessage, ReceivedMessage } from '@app/kafka';
import { KafkaClient, MessagePublisher } from '@app/kafka';
import { CheckpointStore } from '@app/persistence';
import { relayName } from '@app/relay';
import {
  accessRevoked,
  aContext,
  connected,
  reauthorized,
  refreshed,
  refreshFailed,
  useTestBed,
  waitFor,
} from '@app/testing';
import { collect } from '../kafka/collect';
import type { RelayBed } from './relay-under-test';
import { liveAndDie, relayBed, relayed, startRelay, stopRelays } from './relay-under-test';

const bed = useTestBed();
let relay: RelayBed;
let messages: readonly ReceivedMessage[];
beforeAll(async () => {
  relay = await relayBed(bed);
  messages = await collect(bed, topics);
});

afterEach(stopRelays);

function about(channelId: string): ReceivedMessage[] {
  return messages.filter(({ key }) => key === channelId);
}

function typesAbout(channelId: string): string[] {
  return distinctAbout(channelId).map(({ headers }) =>
    headers.ce_type!.replace('ai.postbreeze.', ''),
  );
}

/** The channel's messages, each id once: what a consumer that drops repeats is left with. */
function distinctAbout(channelId: string): ReceivedMessage[] {
  return [...new Map(about(channelId).map((m) => [m.headers.ce_id, m])).values()];
}

async function lastEventId(channelId: string): Promise<string> {
  return (await relay.events.readLast(disconnectionStream(channelId)))!.id;
}

it('sends what was recorded as CloudEvents, and keeps the rest to itself', async () => {
  startRelay(relay);
  const { channelId, life } = await liveAndDie(relay.events);
  await relayed(relay, await lastEventId(channelId));
  await waitFor(() => distinctAbout(channelId).length === 3);

  const [connected, disconnected] = await relay.events.read(channelStream(channelId));
  const [, completed] = await relay.events.read(disconnectionStream(channelId));
  const headers = (recorded: typeof connected, type: string) => ({
    ce_specversion: '1.0',
    ce_id: recorded!.id,
    ce_source: '/postbreeze/channels',
    ce_type: `ai.postbreeze.${type}`,
    ce_subject: channelId,
    ce_time: recorded!.recordedAt.toISOString(),
    ce_streamrevision: String(recorded!.revision),
    'content-type': 'application/json',
  });
  const { workspaceId, platform } = life[0]!.data;
  const seen = distinctAbout(channelId)
    .map(({ topic, headers, value }) => ({
      topic,
      headers,
      data: JSON.parse(String(value)) as { status: string },
    }))
    .sort((a, b) => a.data.status.localeCompare(b.data.status));
  expect(seen).toEqual([
    {
      topic: 'postbreeze.channels.v1',
      headers: headers(connected, 'channel.connected.v1'),
      data: {
        channelId,
        workspaceId,
        platform,
        status: 'ACTIVE',
        connectedAt: '2026-11-01T08:00:00.000Z',
      },
    },
    {
      topic: 'postbreeze.disconnections.v1',
      headers: headers(completed, 'disconnection.completed.v1'),
      data: { channelId, status: 'COMPLETED', completedAt: '2026-11-02T09:00:05.000Z' },
    },
    {
      topic: 'postbreeze.channels.v1',
      headers: headers(disconnected, 'channel.disconnected.v1'),
      data: {
        channelId,
        workspaceId,
        platform,
        status: 'DISCONNECTED',
        disconnectedAt: '2026-11-02T09:00:00.000Z',
      },
    },
  ]);
  expect(new Set(about(channelId).map(({ partition }) => partition)).size).toBe(1);
});

it("tells of a channel's tokens what others can act on, in order, and nothing of their errors", async () => {
  startRelay(relay);
  const start = connected();
  const { channelId } = start.data;
  const life = [
    start,
    refreshed(start),
    refreshFailed(start),
    refreshFailed(start, { permanent: true, reason: 'invalid_grant' }),
    reauthorized(start),
    accessRevoked(start),
  ];
  await relay.events.append(channelStream(channelId), 'no_stream', life, aContext());
  await relayed(relay, (await relay.events.readLast(channelStream(channelId)))!.id);
  await waitFor(() => distinctAbout(channelId).length === 4);

  expect(
    distinctAbout(channelId).map(({ headers }) => [headers.ce_type, headers.ce_streamrevision]),
  ).toEqual([
    ['ai.postbreeze.channel.connected.v1', '0'],
    ['ai.postbreeze.channel.expired.v1', '3'],
    ['ai.postbreeze.channel.reauthorized.v1', '4'],
    ['ai.postbreeze.channel.revoked.v1', '5'],
  ]);
  const told = distinctAbout(channelId)
    .map(({ value }) => String(value))
    .join();
  expect(told).not.toMatch(/invalid_grant|@brand/);
});

it('goes on after its checkpoint: what was put behind it is not sent again', async () => {
  const first = startRelay(relay);
  const before = await liveAndDie(relay.events);
  await relayed(relay, await lastEventId(before.channelId));
  await first.stop();
  await waitFor(() => distinctAbout(before.channelId).length === 3);
  const sentBefore = about(before.channelId).length;

  const after = await liveAndDie(relay.events);
  startRelay(relay);
  await waitFor(() => distinctAbout(after.channelId).length === 3);
  expect(about(before.channelId)).toHaveLength(sentBefore);
});

it('repeats after a crash between ack and checkpoint, under the same ids, and loses nothing', async () => {
  const crashing = new (class extends CheckpointStore {
    override save(): Promise<void> {
      void crashed.stop();
      return Promise.reject(new Error('the process ends here'));
    }
  })(relay.dataSource);
  const { channelId } = await liveAndDie(relay.events);
  const crashed = startRelay({ ...relay, checkpoints: crashing });
  await crashed.running;
  const acknowledged = await waitFor(() => about(channelId)[0]);

  startRelay(relay);
  await relayed(relay, await lastEventId(channelId));
  const sentAs = (id: string) => about(channelId).filter(({ headers }) => headers.ce_id === id);
  await waitFor(() => sentAs(acknowledged.headers.ce_id!).length >= 2);
  await waitFor(() => distinctAbout(channelId).length === 3);
  const [first, second] = sentAs(acknowledged.headers.ce_id!);
  expect({ ...second, offset: first!.offset }).toEqual(first);
});

it('keeps the order of each channel while many change at once', async () => {
  startRelay(relay);
  const lives = await Promise.all(Array.from({ length: 60 }, () => liveAndDie(relay.events)));
  await waitFor(() => lives.every(({ channelId }) => distinctAbout(channelId).length === 3));
  for (const { channelId } of lives) {
    const ofChannel = typesAbout(channelId).filter((type) => type.startsWith('channel.'));
    expect(ofChannel).toEqual(['channel.connected.v1', 'channel.disconnected.v1']);
  }
});

it('is taken over by a stand-by, which sends nothing before', async () => {
  const leader = startRelay(relay);
  const first = await liveAndDie(relay.events);
  await relayed(relay, await lastEventId(first.channelId));
  startRelay(relay);
  const second = await liveAndDie(relay.events);
  await relayed(relay, await lastEventId(second.channelId));

  await leader.stop();
  const third = await liveAndDie(relay.events);
  await relayed(relay, await lastEventId(third.channelId));
  await waitFor(() => distinctAbout(third.channelId).length === 3);
  const lives = [first, second, third];
  expect(lives.map(({ channelId }) => about(channelId).length)).toEqual([3, 3, 3]);
});

it('finishes the batch that it is sending when it is told to stop, for the next one to send nothing again', async () => {
  let [isSending, letGo] = [(): void => undefined, (): void => undefined];
  const sending = new Promise<void>((resolve) => (isSending = resolve));
  const mayGo = new Promise<void>((resolve) => (letGo = resolve));
  const held = new (class extends MessagePublisher {
    override async publish(batch: readonly OutgoingMessage[]): Promise<void> {
      isSending();
      await mayGo;
      await super.publish(batch);
    }
  })(new KafkaClient(await bed.settings('relay')));
  bed.atEnd(() => held.close());
  const { stop } = startRelay({ ...relay, publisher: held });
  const start = connected();
  const { channelId } = start.data;
  await relay.events.append(channelStream(channelId), 'no_stream', [start], aContext());
  await sending;
  const stopped = stop();
  letGo();
  await stopped;

  const recorded = (await relay.events.readLast(channelStream(channelId)))!;
  expect((await relay.checkpoints.load(relayName))?.event?.id).toBe(recorded.id);
});
