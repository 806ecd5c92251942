import type { EachBatchPayload } from 'kafkajs';
import { linesOf } from '@app/observability';
import type { PartitionPauses } from './partition-pauses';
import type { ReceivedMessage } from './received-message';
import { receivedMessage } from './received-message';

export interface BatchConsumption {
  /** Without the prefix. */
  readonly topic: string;
  readonly heartbeatMs: number;
  readonly handle: (message: ReceivedMessage) => Promise<void>;
  readonly pauses: PartitionPauses;
  /** Without the prefix. */
  readonly group: string;
}

const say = linesOf('kafka');

/**
 * Hands out one partition's messages in order. An offset is resolved only after its message was
 * dealt with, and kafkajs commits and fetches on from what is resolved: so a message that fails
 * is simply left where it is, and its partition paused for a while.
 *
 * @throws what a heartbeat says, e.g. that the group is rebalancing: the rest of the batch may be
 *   another member's by now, and kafkajs joins again
 */
export async function consumeBatch(
  { batch, resolveOffset, heartbeat, pause, commitOffsetsIfNecessary, isRunning }: EachBatchPayload,
  { topic, heartbeatMs, handle, pauses, group }: BatchConsumption,
): Promise<void> {
  const { partition } = batch;
  const place = `${topic}/${partition}`;
  for (const message of batch.messages) {
    if (!isRunning()) return;
    try {
      await beating(heartbeat, heartbeatMs, () =>
        handle(receivedMessage(topic, partition, message)),
      );
    } catch (error) {
      const attempt = pauses.add(place, pause());
      const { offset } = message;
      // It is tried every few seconds, for as long as an engine is away.
      if (attempt % 100 === 1) {
        say('message will come again', { group, topic, partition, offset, attempt, err: error });
      }
      return;
    }
    pauses.succeeded(place);
    resolveOffset(message.offset);
    await heartbeat();
    await commitOffsetsIfNecessary();
  }
}

/** kafkajs beats between messages only; without this, long work would cost the membership. */
async function beating(
  heartbeat: () => Promise<void>,
  everyMs: number,
  work: () => Promise<void>,
): Promise<void> {
  // A refused beat is met again between the messages, where the batch can be abandoned.
  const timer = setInterval(() => void heartbeat().catch(() => undefined), everyMs);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
}
