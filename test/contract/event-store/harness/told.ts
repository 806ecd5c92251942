import {
  type AllStreamSubscription,
  type Position,
  type StreamSubscription,
} from '@eventstore/db-client';
import { numberOf } from './server';

/** What a subscriber was told, in order: `n` for an event of `counted`, or a word. */
export type Told = number | 'confirmed' | 'caughtUp' | `checkpoint ${bigint}`;

/** A list to be told to, and how a filter tells it of checkpoints. */
export function toldWithCheckpoints() {
  const told: Told[] = [];
  const checkpointReached = async (_: unknown, { commit }: Position): Promise<void> =>
    void told.push(`checkpoint ${commit}`);
  return { told, checkpointReached };
}

/**
 * Listens until something was told that `isLast` accepts, then leaves.
 *
 * @param told what was told before, e.g. by a filter, and what is told now
 * @throws whatever the subscription ends with
 */
export async function listen(
  subscription: AllStreamSubscription | StreamSubscription,
  isLast: (last: Told) => boolean,
  told: Told[] = [],
): Promise<Told[]> {
  const done = new Promise<void>((resolve, reject) => {
    const tell = (what: Told): void => {
      told.push(what);
      if (isLast(what)) resolve();
    };
    subscription
      .on('confirmation', () => tell('confirmed'))
      .on('caughtUp', () => tell('caughtUp'))
      .on('data', (event) => tell(numberOf(event)))
      .on('error', reject);
  });
  await done;
  await subscription.unsubscribe();
  return told;
}

export const untilCaughtUp = (last: Told): boolean => last === 'caughtUp';

export const untilNumber =
  (n: number) =>
  (last: Told): boolean =>
    last === n;

/** The numbers of the events that were told. */
export const numbersOf = (told: Told[]): number[] =>
  told.filter((what) => typeof what === 'number');
