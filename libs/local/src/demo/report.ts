import type { ChannelRow, Receipt } from '@app/domain';
import type { Answer } from './api-client';
import type { Happening, Holdings } from './read-back';

/** A heading of the demo's story. */
export function heading(text: string): string {
  return `\n${text}\n${'─'.repeat(text.length)}`;
}

/** A row in one line. */
export function rowLine(label: string, { status, body, tookMs }: Answer<ChannelRow>): string {
  const { id, platform, handle } = body;
  const took = `${tookMs.toFixed(0)} ms`.padStart(6);
  return `${label.padEnd(8)} ${status} ${took}   ${id}  ${platform} ${handle}  ${body.status}`;
}

/** What happened where, in milliseconds since the request. */
export function timeline(happenings: readonly Happening[], since: Date): string {
  return happenings
    .map(({ at, store, what }) => {
      const offset = `+${at.getTime() - since.getTime()} ms`;
      return `${offset.padStart(9)}  ${store.padEnd(12)}  ${what}`;
    })
    .join('\n');
}

/** What PostgreSQL held of the channel before and after, and of another one, left alone. */
export function holdingsTable(before: Holdings, after: Holdings, other: Holdings): string {
  const labels: Readonly<Record<keyof Holdings, string>> = {
    sealedTokens: 'sealed login tokens',
    snapshots: 'cached analytics snapshots',
    comments: 'cached comments',
    pendingTargets: 'scheduled post targets',
    canceledTargets: 'canceled post targets',
    publishedTargets: 'published post targets',
  };
  const line = (label: string, ...cells: (string | number)[]): string =>
    label.padEnd(28) + cells.map((cell) => String(cell).padStart(15)).join('');
  const keys = Object.keys(labels) as (keyof Holdings)[];
  return [
    line('', 'before', 'after', 'other channel'),
    ...keys.map((key) => line(labels[key], before[key], after[key], other[key])),
  ].join('\n');
}

/** The receipt, an effect a line. */
export function receiptLines(receipt: Receipt): string {
  const lines = receipt.effects.map(
    ({ name, status, counts, attempts }) =>
      `${name.padEnd(17)} ${status.padEnd(8)} ${JSON.stringify(counts)}, attempts ${attempts}`,
  );
  const end = receipt.completedAt ? ` at ${receipt.completedAt}` : `, due by ${receipt.deadline}`;
  return [...lines, `disconnection     ${receipt.status}${end}`].join('\n');
}
