import type { ReceivedMessage } from '@app/kafka';
import { KafkaClient, runConsumer } from '@app/kafka';
import type { TestBed } from '@app/testing';

/**
 * Everything on the topics, from the beginning, as it arrives; ends with the bed. Each message once: when
 * the group is dealt anew it is handed some again, which nobody has sent again.
 */
export async function collect(
  bed: TestBed,
  topics: readonly string[],
  overrides: { readonly kafkaBrokers?: string } = {},
): Promise<readonly ReceivedMessage[]> {
  const settings = { ...(await bed.settings('relay')), ...overrides };
  const stopping = new AbortController();
  const messages: ReceivedMessage[] = [];
  const places = new Set<string>();
  const running = runConsumer(new KafkaClient(settings), {
    groupId: 'collected',
    topics,
    fromBeginning: true,
    handle: async (message) => {
      const { topic, partition, offset } = message;
      const place = `${topic}/${partition}@${offset}`;
      if (!places.has(place)) messages.push(message);
      places.add(place);
    },
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
