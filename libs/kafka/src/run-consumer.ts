import { setTimeout as wait } from 'node:timers/promises';
import type { Consumer, ConsumerCrashEvent } from 'kafkajs';
import { backOff, failpoint, Stalled, watchForStall } from '@app/config';
import type { Work } from '@app/observability';
import { linesOf, Outage, workBoard } from '@app/observability';
import { consumeBatch } from './consume-batch';
import { counted } from './consumer-metrics';
import { ConsumerProgress } from './consumer-progress';
import type { KafkaClient } from './kafka-client';
import { PartitionPauses } from './partition-pauses';
import type { ReceivedMessage } from './received-message';

/** kafkajs may fall silent without a word: its open issues on rebalancing tell of it. */
export interface StallGuard {
  /** Milliseconds that a partition may stand still with messages waiting, before it's fatal. */
  readonly afterMs: number;
  /** Rejects while something else that `handle` needs doesn't answer: then nothing is a stall. */
  readonly needs: () => Promise<unknown>;
}

export interface ConsumerOptions {
  /** Without the prefix. */
  readonly groupId: string;
  /** Without the prefix. */
  readonly topics: readonly string[];
  /** A new group begins with the oldest message that is kept. */
  readonly fromBeginning: true;
  /**
   * Deals with one message, in order per partition; the offset is committed only after it has
   * resolved. When it throws, the same message comes again after a back-off: it is never skipped,
   * and the other partitions go on.
   */
  readonly handle: (message: ReceivedMessage) => Promise<void>;
  /** Without it nobody notices a consumer that falls silent. */
  readonly stallGuard?: StallGuard;
  /** Ends the consumer. */
  readonly signal: AbortSignal;
  /** Told each time that the group has given partitions to this consumer. */
  readonly onJoined?: () => void;
  /** Told when the consumer is gone and won't come back: the process must end. */
  readonly onFatal: (error: Error) => void;
}

/** Stopping waits for the fetch in flight, so this bounds how long a stop takes. */
const maxFetchWaitMs = 500;
/**
 * With a beat a consumer hears that the group is dealt anew: its partitions stand still until the last of
 * them has heard it.
 */
const maxHeartbeatMs = 500;
/** Partitions that are worked on side by side. */
const partitionsAtOnce = 4;
/** A handler that hangs must not keep the process: its message wasn't committed, and comes again. */
const stopWithinMs = 3_000;

/**
 * Consumes until the signal; resolves when the consumer has left its group. While Kafka is away
 * it waits and resumes: kafkajs restarts itself after whatever it holds to be passing.
 */
export async function runConsumer(kafka: KafkaClient, options: ConsumerOptions): Promise<void> {
  const { groupId, signal } = options;
  const membership = new Membership(groupId);
  const { kafkaSessionMs } = kafka.settings;
  // Three may be lost before the session is.
  const heartbeatMs = Math.min(kafkaSessionMs / 4, maxHeartbeatMs);
  const consumer = kafka.kafka.consumer({
    groupId: kafka.groupName(groupId),
    sessionTimeout: kafkaSessionMs,
    heartbeatInterval: heartbeatMs,
    rebalanceTimeout: 10_000,
    maxWaitTimeInMs: maxFetchWaitMs,
    allowAutoTopicCreation: false,
    retry: {
      ...kafka.retry,
      // Otherwise a stop in the middle of a restart would leave a consumer behind.
      restartOnFailure: () => Promise.resolve(!signal.aborted),
    },
  });
  // Before run(): the first join may be over by the time that it returns.
  consumer.on('consumer.group_join', () => {
    membership.joined();
    options.onJoined?.();
  });
  consumer.on('consumer.crash', ({ payload: { error } }) => membership.lost(error));
  consumer.on('consumer.commit_offsets', () => failpoint('offset:committed', groupId));
  const topics = options.topics.map((topic) => kafka.topicName(topic));
  const progress = new ConsumerProgress(kafka, kafka.groupName(groupId), topics, consumer);
  const ended = Promise.race([
    endOf(consumer, options),
    ...(options.stallGuard ? [stallOf(progress, options, options.stallGuard)] : []),
  ]);
  const pauses = new PartitionPauses(kafka.settings.retryCapMs);

  await subscribe(consumer, kafka, options, membership);
  // Not awaited alone: it comes back when the group has been joined, which may never be.
  const running = signal.aborted
    ? ended
    : consumer.run({
        eachBatchAutoResolve: false,
        autoCommitInterval: 1_000,
        partitionsConsumedConcurrently: partitionsAtOnce,
        eachBatch: (payload) =>
          consumeBatch(payload, {
            topic: kafka.topicOf(payload.batch.topic),
            heartbeatMs,
            handle: counted(groupId, options.handle),
            pauses,
            group: groupId,
          }),
      });
  const crash = await Promise.race([ended, running.then(() => ended)]);
  pauses.clear();
  const leave = (): Promise<void> => consumer.disconnect();
  await Promise.race([
    // Not in the middle of its first join: kafkajs would leave nothing then, and be a member later on,
    // whom the others wait for until its session is over.
    Promise.all([running.then(leave, leave), progress.close()]).catch((error: unknown) =>
      membership.notClosed(error),
    ),
    wait(stopWithinMs, undefined, { ref: false }),
  ]);
  membership.end();
  if (crash) options.onFatal(crash);
}

/** What becomes of a consumer in its group, for the board and, once an outage, for the log. */
class Membership {
  private readonly say = linesOf('kafka');
  private readonly part: Work<'groups'>;
  private readonly outage: Outage;

  constructor(private readonly group: string) {
    this.part = workBoard.of('groups', group);
    this.outage = new Outage(
      (err) => this.say('consumer interrupted', { group, err }),
      (recovery) => this.say('consumer resumed', { group, ...recovery }),
    );
  }

  /** Also after each rebalancing, which is everyday life and isn't said. */
  joined(): void {
    if (this.part.state === 'joined') return;
    this.part.become('joined');
    if (this.outage.isOn) this.outage.over();
    else this.say('consumer joined', { group: this.group });
  }

  lost(error: unknown): void {
    this.part.become('joining');
    this.outage.failed(error);
  }

  notClosed(err: unknown): void {
    this.say('consumer not closed', { group: this.group, err });
  }

  end(): void {
    workBoard.remove(this.part);
  }
}

/** After a crash without restart kafkajs lives on without a consumer, and says nothing more. */
function endOf(
  consumer: Consumer,
  { groupId, signal }: ConsumerOptions,
): Promise<Error | undefined> {
  return new Promise((resolve) => {
    consumer.on('consumer.crash', ({ payload: { error, restart } }: ConsumerCrashEvent) => {
      if (restart) return;
      const message = `The consumer ${groupId} has crashed: ${error.message}`;
      resolve(new Error(message, { cause: error }));
    });
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

/** Never settles without a stall: how the consumer ends otherwise, others know. */
async function stallOf(
  progress: ConsumerProgress,
  { groupId, signal }: ConsumerOptions,
  { afterMs, needs }: StallGuard,
): Promise<Error> {
  const name = `consumer ${groupId}`;
  const observe = async () => (await Promise.all([progress.observe(), needs()]))[0];
  try {
    await watchForStall({ name, stallAfterMs: afterMs, observe, signal });
  } catch (error) {
    if (error instanceof Stalled) return error;
    throw error;
  }
  return new Promise(() => undefined);
}

async function subscribe(
  consumer: Consumer,
  kafka: KafkaClient,
  { topics, fromBeginning, signal }: ConsumerOptions,
  membership: Membership,
): Promise<void> {
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      await consumer.connect();
      return await consumer.subscribe({
        topics: topics.map((topic) => kafka.topicName(topic)),
        fromBeginning,
      });
    } catch (error) {
      membership.lost(error);
      await backOff(failures, { retryCapMs: kafka.settings.retryCapMs, signal });
    }
  }
}
