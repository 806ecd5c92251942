import type { ReceivedMessage } from '@app/kafka';
import { KafkaClient, runConsumer } from '@app/kafka';
import type { TestKafkaSettings } from './kafka-under-test';

/** Things that arrive one by one, and can be waited for. */
export class Arrivals<T> {
  readonly all: T[] = [];
  private wake = (): void => undefined;
  private next = new Promise<void>((resolve) => (this.wake = resolve));

  add(item: T): void {
    this.all.push(item);
    const { wake } = this;
    this.next = new Promise((resolve) => (this.wake = resolve));
    wake();
  }

  /** Everything so far, as soon as the condition holds for it. */
  async until(condition: (all: readonly T[]) => boolean): Promise<readonly T[]> {
    while (!condition(this.all)) await this.next;
    return this.all;
  }
}

/** Everything on the topics from the beginning, as it arrives. */
export interface Collected extends Arrivals<ReceivedMessage> {
  stop(): Promise<void>;
}

export function collect(settings: TestKafkaSettings, topics: readonly string[]): Collected {
  const stopping = new AbortController();
  const arrivals = new Arrivals<ReceivedMessage>();
  const running = runConsumer(new KafkaClient(settings), {
    groupId: 'collected',
    topics,
    fromBeginning: true,
    handle: (message) => Promise.resolve(arrivals.add(message)),
    signal: stopping.signal,
    onFatal: (error) => {
      throw error;
    },
  });
  return Object.assign(arrivals, {
    stop: async () => {
      stopping.abort();
      await running;
    },
  });
}
