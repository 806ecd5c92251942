/** How often something is measured at most. */
const tries = 5;

/**
 * Measures until it was below its ceiling once: what others do on a busy machine takes its time now and then,
 * and what is slow by itself is slow each time.
 *
 * @param measure answers milliseconds; what else is wrong it throws
 * @returns the best
 */
export async function bestOf(ceilingMs: number, measure: () => Promise<number>): Promise<number> {
  let best = Infinity;
  for (let n = 0; n < tries && best >= ceilingMs; n++) best = Math.min(best, await measure());
  return best;
}
