import type { RestAnswer } from '@app/testing';
import { waitFor } from '@app/testing';

/** An engine or a role was away a moment ago: as the contract says, the same request once more. */
export function untilThere<T>(ask: () => Promise<RestAnswer<T>>): Promise<RestAnswer<T>> {
  return waitFor(
    async () => {
      const answer = await ask();
      return answer.status !== 503 && answer;
    },
    { what: 'an answer that is no 503' },
  );
}
