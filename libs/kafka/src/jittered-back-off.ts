/** Exponential with full jitter, so that many who wait for the same engine don't come at once. */
export function jitteredBackOff(failures: number, capMs: number): number {
  return Math.random() * Math.min(capMs, 100 * 2 ** Math.min(failures, 16));
}
