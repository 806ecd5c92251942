import type { KafkaClient } from './kafka-client';
import type { ReceivedMessage } from './received-message';

export interface ConsumerOptions {
  /** Without the prefix. */
  readonly groupId: string;
  /** Without the prefix. */
  readonly topics: readonly string[];
  /** A new group begins with the oldest message that is kept. */
  readonly fromBeginning: true;
  /**
   * Deals with one message, in order per partition. When it throws, the same message comes
   * again after a back-off; it is never skipped.
   */
  readonly handle: (message: ReceivedMessage) => Promise<void>;
  /** Ends the consumer. */
  readonly signal: AbortSignal;
  /** Told each time that the group has given partitions to this consumer. */
  readonly onJoined?: () => void;
  /** Told when the consumer is gone and won't come back: the process must end. */
  readonly onFatal: (error: Error) => void;
}

/** Consumes until the signal; resolves when the consumer has left its group. */
export async function runConsumer(kafka: KafkaClient, options: ConsumerOptions): Promise<void> {
  throw new Error(`Not built yet: ${kafka.groupName(options.groupId)}`);
}
