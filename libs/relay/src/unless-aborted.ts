/**
 * Settles with the work, or rejects when it isn't done soon after the signal: what is nearly done is
 * worth waiting for, but nobody waits for an engine that is away when the process has to stop.
 *
 * @param graceMs milliseconds that it has from the signal on
 */
export async function unlessAborted<T>(
  { signal, graceMs }: { readonly signal: AbortSignal; readonly graceMs: number },
  work: Promise<T>,
): Promise<T> {
  let late: NodeJS.Timeout | undefined;
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => void (late = setTimeout(() => reject(signal.reason as Error), graceMs));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
    clearTimeout(late);
  }
}
