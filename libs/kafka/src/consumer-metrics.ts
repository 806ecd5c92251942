import { counter } from '@app/observability';
import type { ReceivedMessage } from './received-message';

const messages = counter({
  name: 'postbreeze_messages_total',
  help: 'Messages that a consumer group was given, by what came of it: handled, or failed and to be tried again.',
  labels: ['group', 'outcome'],
});

/** The same handler, counted. */
export function counted(
  group: string,
  handle: (message: ReceivedMessage) => Promise<void>,
): (message: ReceivedMessage) => Promise<void> {
  return async (message) => {
    try {
      await handle(message);
      messages.inc({ group, outcome: 'handled' });
    } catch (error) {
      messages.inc({ group, outcome: 'failed' });
      throw error;
    }
  };
}
