import type { Patience } from '@app/config';
import { backOff } from '@app/config';
import { EventStoreUnavailable } from '@app/event-store';
import { linesOf } from '@app/observability';

const say = linesOf('effects');

/**
 * Asks the event store until it answers. An engine that is away is waited for here and not by the
 * job's back-off, which would go on for an hour after an outage of an hour.
 *
 * @param ask must be safe to repeat
 * @param onWait before each further time that it is asked
 * @throws the signal's reason once it is given
 */
export async function untilAnswered<T>(
  ask: () => Promise<T>,
  patience: Patience,
  onWait?: () => Promise<unknown>,
): Promise<T> {
  for (let failures = 0; ; failures++) {
    patience.signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof EventStoreUnavailable)) throw error;
      if (failures === 0) say('waiting for the event store', { err: error });
      await backOff(failures, patience);
      await onWait?.();
    }
  }
}
