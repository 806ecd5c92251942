import type { DataSource } from 'typeorm';
import { channelStream, disconnectionStream } from '@app/event-store';
import type { EventStore } from '@app/event-store';
import type { DomainEvent } from '@app/domain';
import { KafkaClient, MessagePublisher } from '@app/kafka';
import { CheckpointStore } from '@app/persistence';
import { relayName, runRelay } from '@app/relay';
import type { TestBed } from '@app/testing';
import { aContext, completed, connected, disconnected, finished, waitFor } from '@app/testing';

/** What every relay of one file shares. */
export interface RelayBed {
  readonly events: EventStore;
  readonly dataSource: DataSource;
  readonly checkpoints: CheckpointStore;
  readonly publisher: MessagePublisher;
}

export async function relayBed(bed: TestBed): Promise<RelayBed> {
  await bed.createTopics();
  const dataSource = await bed.dataSource();
  const publisher = new MessagePublisher(new KafkaClient(await bed.settings('relay')));
  bed.atEnd(() => publisher.close());
  const checkpoints = new CheckpointStore(dataSource);
  return { events: await bed.eventStore(), dataSource, checkpoints, publisher };
}

const started: { stop(): Promise<void> }[] = [];

/** A relay within this process. */
export function startRelay(
  relay: RelayBed,
  {
    // Given back at its end, however long it is; one that is lost in the middle repeats a batch.
    termMs = 10_000,
    stallAfterMs = 30_000,
    probeKafka = (): Promise<unknown> => Promise.resolve(),
  } = {},
) {
  const stopping = new AbortController();
  const running = runRelay({
    ...relay,
    ...{ termMs, stallAfterMs, probeKafka, retryCapMs: 200, signal: stopping.signal },
  });
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
  };
  started.push({ stop: () => stop().catch(() => undefined) });
  return { running, stop };
}

/** For `afterEach`: a relay that a test left running would send for the next one. */
export async function stopRelays(): Promise<void> {
  await Promise.all(started.splice(0).map(({ stop }) => stop()));
}

/** Appends a whole life to the streams of one channel, which is returned with its events. */
export async function liveAndDie(events: EventStore) {
  const start = connected();
  const { channelId } = start.data;
  const life = [start, disconnected(start)];
  const end = [finished(channelId, 'token-wipe'), completed(channelId)];
  await append(events, channelStream(channelId), life.slice(0, 1), 'no_stream');
  await append(events, channelStream(channelId), life.slice(1), 0);
  await append(events, disconnectionStream(channelId), end, 'no_stream');
  return { channelId, life, end };
}

async function append(
  events: EventStore,
  stream: string,
  decided: readonly DomainEvent[],
  expected: number | 'no_stream',
): Promise<void> {
  await events.append(stream, expected, decided, aContext());
}

/** Waits until the relay has put the event behind it: its ack and its checkpoint. */
export async function relayed({ checkpoints }: RelayBed, eventId: string): Promise<void> {
  await waitFor(async () => (await checkpoints.load(relayName))?.event?.id === eventId, {
    what: `the relay at ${eventId}`,
  });
}
