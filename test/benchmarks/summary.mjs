/**
 * What every benchmark says of its rounds: medians, because machines are shared and noisy, with the
 * lowest and the highest beside.
 *
 * @param {readonly number[]} values
 */
export function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)], low: sorted[0], high: sorted.at(-1) };
}

/**
 * @param {readonly number[]} values
 * @param {number} share e.g. 0.99
 */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** `12.3 (11.9 to 14.0)` */
export function inWords({ median, low, high }) {
  return `${fixed(median)} (${fixed(low)} to ${fixed(high)})`;
}

function fixed(value) {
  return value.toFixed(value < 100 ? 1 : 0);
}
