/**
 * Settles with the work, or rejects when it takes longer: an engine that hangs answers nothing, for
 * hours. The work goes on unseen; whoever holds its connection lets go of it.
 *
 * @param late the error then; without it, one that says how long was waited
 */
export async function within<T>(
  timeoutMs: number,
  work: Promise<T>,
  late: (message: string) => Error = (message) => new Error(message),
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
