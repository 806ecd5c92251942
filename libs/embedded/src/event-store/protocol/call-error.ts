import { Metadata, status, type StatusObject } from '@grpc/grpc-js';
import { ReadOnlyError } from '../store/appender';

/**
 * A call that ends with a status other than OK. The client reads the trailer `exception`
 * first, and the code only when there is none.
 */
export class CallError extends Error {
  override readonly name = 'CallError';

  constructor(
    readonly code: status,
    details: string,
    readonly trailers: Readonly<Record<string, string>> = {},
  ) {
    super(details);
  }
}

export function invalidArgument(details: string): CallError {
  return new CallError(status.INVALID_ARGUMENT, details);
}

/** The stream is tombstoned: it takes no event and shows none, for ever. */
export function streamDeleted(stream: string): CallError {
  return new CallError(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });
}

/** What gRPC sends to end a call that failed. Unexpected errors show their message. */
export function toStatus(error: unknown): StatusObject & Error {
  const failure = error instanceof Error ? error : new Error(String(error));
  const metadata = new Metadata();
  if (failure instanceof CallError) {
    for (const [name, value] of Object.entries(failure.trailers)) metadata.set(name, plain(value));
  }
  return Object.assign(new Error(failure.message), {
    code: codeOf(failure),
    details: failure.message,
    metadata,
  });
}

/** A trailer takes printable ASCII only, and the name of a stream may have any character. */
function plain(value: string): string {
  return /^[ -~]*$/.test(value) ? value : encodeURIComponent(value);
}

function codeOf(failure: Error): status {
  if (failure instanceof CallError) return failure.code;
  // Not UNAVAILABLE: that would tell the client to connect again and expect better.
  if (failure instanceof ReadOnlyError) return status.FAILED_PRECONDITION;
  return status.UNKNOWN;
}
