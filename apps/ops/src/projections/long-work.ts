import type { LongWork } from '@app/operations';
import type { ProgressBar } from '../command/progress-bar';
import { progressBar } from '../command/progress-bar';

/**
 * Does long work with a progress bar, until Ctrl-C: then it ends by itself and tidies up. A second
 * Ctrl-C ends the process.
 *
 * @throws what `work` throws; Error when it was cancelled
 */
export async function longWork<T>(
  what: string,
  { json }: { readonly json?: boolean },
  work: (options: LongWork) => Promise<T>,
): Promise<T> {
  let bar: ProgressBar | undefined;
  const cancel = new AbortController();
  const cancelled = (): void =>
    cancel.abort(new Error('cancelled: readers see what they saw; see projections list'));
  process.once('SIGINT', cancelled).once('SIGTERM', cancelled);
  try {
    return await work({
      signal: cancel.signal,
      onProgress: ({ events, share }) => {
        bar ??= progressBar({ what, json });
        bar.update(events, share > 0 ? Math.round(events / share) : undefined);
      },
    });
  } finally {
    process.off('SIGINT', cancelled).off('SIGTERM', cancelled);
    bar?.stop();
  }
}
