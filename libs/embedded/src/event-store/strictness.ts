import { createHash } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type { Position } from './protocol/read-answer';
import type { StoredEvent } from './store/stored-event';

/** When a subscription is cut: right after the first of a kind of answer, or after so many of them. */
export type CutAfter = 'confirmation' | 'checkpoint' | 'caughtUp' | number;

/** How one subscription ends. */
export interface Cut {
  readonly after: CutAfter;
  readonly status: status.OK | status.UNAVAILABLE | status.CANCELLED;
}

/** Of four cuts, two are normal ends, which a naive subscriber takes for the end of all events. */
const STATUSES = [status.OK, status.OK, status.UNAVAILABLE, status.CANCELLED] as const;
const LONGEST_ANSWERS = 10_000;

/**
 * What the real server is free to do and hardly ever does, done all the time, so that code that
 * leans on luck fails in a test:
 *
 * - `caughtUp` comes twice, with `fellBehind` between: the real server sends it at each entry to live,
 *   so whoever was slow for a moment meets it again.
 * - A subscription is cut: a node that is restarted, or no longer the leader, may drop it at any
 *   moment, as an end of the call without an error, or with UNAVAILABLE or CANCELLED.
 * - Appends that expect `any` or `stream_exists` remember no ids, so that a repeated one is done
 *   again: the real server's memory is best effort, has an end, and is empty after a start.
 * - Checkpoints stand between two events, at a place of which both halves count: the real server tells
 *   (end of the last record, 0), and the next event may stand at that very commit position.
 *
 * A subscriber that goes on from where it was always comes further: most subscriptions last for
 * some answers, and a length up to ten is as likely as one from there up to a hundred, a thousand
 * or ten thousand. The n-th subscription of a seed is always cut at the same place. Reads aren't cut.
 */
export class Strictness {
  /** See {@link RecentIds}. */
  readonly rememberedIds = 0;
  private subscriptions = 0;

  /** @param seed any text; the same one does the same again */
  constructor(readonly seed: string) {}

  /** How the next subscription ends, should it live that long. */
  nextCut(): Cut {
    this.subscriptions += 1;
    const [kind, length, end] = this.dice();
    return { after: cutAfter(kind, length), status: STATUSES[Math.floor(end * STATUSES.length)]! };
  }

  /** Numbers from 0 up to 1, which depend on the seed and the subscription alone. */
  private dice(): [number, number, number] {
    const bytes = createHash('sha256').update(`${this.subscriptions} ${this.seed}`).digest();
    const die = (index: number): number => bytes.readUInt32BE(index * 4) / 2 ** 32;
    return [die(0), die(1), die(2)];
  }
}

/** Where a checkpoint of a strict store stands that comes after an event. */
export function placeBetween({ next }: StoredEvent): Position {
  return { commit: next, prepare: 0 };
}

function cutAfter(kind: number, length: number): CutAfter {
  if (kind < 1 / 8) return 'confirmation';
  if (kind < 2 / 8) return 'checkpoint';
  if (kind < 3 / 8) return 'caughtUp';
  return Math.floor(LONGEST_ANSWERS ** length);
}
