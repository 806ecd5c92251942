import type { ReceivedMessage } from '@app/kafka';
import { KafkaClient, runConsumer } from '@app/kafka';
import type { TestBed } from '@app/testing';

/** Everything on the topics, from the beginning, as it arrives; ends with the bed. */
export async function collect(
  bed: TestBed,
  topics: readonly string[],
  overrides: { readonly kafkaBrokers?: string } = {},
): Promise<readonly ReceivedMessage[]> {
  const settings = { ...(await bed.settings('relay')), ...overrides };
  const stopping = new AbortController();
  const messages: ReceivedMessage[] = [];
  const running = runConsumer(new KafkaClient(settings), {
    groupId: 'collected',
    topics,
    fromBeginning: true,
    handle: (message) => Promise.resolve(void messages.push(message)),
    signal: stopping.signal,
    onFatal: (error) => {
      throw error;
    },
  });
  bed.atEnd(() => {
    stopping.abort();
    return running;
  });
  return messages;
}
