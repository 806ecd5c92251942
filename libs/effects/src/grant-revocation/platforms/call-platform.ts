import type { PlatformAnswer, PlatformRequest, RetryReason } from './revocation-platform';

/** Bytes of an answer that are read: what is longer is none that a platform documents. */
export const maxAnswerBytes = 64 * 1024;

export interface CallLimits {
  /** Milliseconds for the whole exchange, from the connection to the last byte. */
  readonly timeoutMs: number;
  /** Ends the call; it may have been heard. */
  readonly signal: AbortSignal;
}

/**
 * Calls a platform once. No redirect is followed: it would take the token elsewhere.
 *
 * @returns why there is no answer to go by; nothing of what the platform said is in it
 * @throws the signal's reason once it is given
 */
export async function callPlatform(
  url: URL,
  request: PlatformRequest,
  { timeoutMs, signal }: CallLimits,
): Promise<PlatformAnswer | RetryReason> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(withQuery(url, request.query), {
      method: request.method,
      headers: { accept: 'application/json', ...request.headers },
      body: request.form && new URLSearchParams(request.form),
      redirect: 'manual',
      signal: AbortSignal.any([timeout, signal]),
    });
    const reason = reasonOf(response.status);
    if (reason) {
      await response.body?.cancel();
      return reason;
    }
    const body = await readAtMost(response, maxAnswerBytes);
    return body === undefined ? 'too_large' : { status: response.status, ...parsed(body) };
  } catch {
    // What is caught is never passed on: it may hold the request.
    signal.throwIfAborted();
    return timeout.aborted ? 'timeout' : 'no_answer';
  }
}

function withQuery(url: URL, query: PlatformRequest['query'] = {}): URL {
  const whole = new URL(url);
  for (const [name, value] of Object.entries(query)) whole.searchParams.set(name, value);
  return whole;
}

function reasonOf(status: number): RetryReason | undefined {
  if (status >= 500) return 'server_error';
  if (status === 429) return 'rate_limited';
  return status >= 300 && status < 400 ? 'redirected' : undefined;
}

/** undefined when there is more; the rest isn't waited for. */
async function readAtMost(response: Response, limit: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop early ends the connection.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(body: string): Pick<PlatformAnswer, 'isEmpty' | 'json'> {
  const isEmpty = body.trim() === '';
  try {
    return { isEmpty, json: isEmpty ? undefined : (JSON.parse(body) as unknown) };
  } catch {
    return { isEmpty, json: undefined };
  }
}
