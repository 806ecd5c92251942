import { HttpException } from '@nestjs/common';
import { HttpProblem } from './http-problem';

/** The status of each refusal that the rooms behind HTTP can make, by its code. */
const statusOfCode: Readonly<Record<string, number>> = {
  CHANNEL_NOT_FOUND: 404,
  NOT_DISCONNECTED: 404,
  ROLE_TOO_LOW: 403,
  WORKSPACE_OUT_OF_REACH: 403,
  ACCOUNT_ALREADY_CONNECTED: 409,
  GRANT_REVOKED: 409,
  ALREADY_DISCONNECTED: 409,
  IDEMPOTENCY_KEY_REUSED: 422,
  WORKSPACE_NOT_FOUND: 422,
  BOARD_WITHOUT_PINTEREST: 422,
  CHANNEL_DISCONNECTED: 409,
  META_TOO_LARGE: 422,
  META_TOO_DEEP: 422,
  META_HOLDS_CREDENTIAL: 422,
  META_NOT_TEXT: 422,
  TEXT_HOLDS_CREDENTIAL: 422,
  BAD_CURSOR: 400,
  MALFORMED_ID: 400,
  STORE_UNAVAILABLE: 503,
  REAUTHORIZATION_REQUIRED: 409,
  TOKEN_UNREADABLE: 409,
  TOKEN_VERSION_MISMATCH: 409,
  ACCESS_TOKEN_EXPIRED: 409,
  NO_REFRESH_TOKEN: 409,
  REFRESH_LEASE_HELD: 409,
  LEASES_CLOSED: 503,
};

/** What a failure that only has a status is told as; its own words may quote what was sent. */
const problemOfStatus: Readonly<Record<number, readonly [code: string, message: string]>> = {
  400: ['BAD_REQUEST', 'The request is malformed'],
  401: ['UNAUTHORIZED', 'Send a valid key'],
  403: ['FORBIDDEN', 'This is not allowed'],
  404: ['NOT_FOUND', 'There is nothing at this path'],
  405: ['METHOD_NOT_ALLOWED', 'This path has no such method'],
  413: ['BODY_TOO_LARGE', 'A body has 64 KiB at most'],
  415: ['UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json'],
};

/** What Node and PostgreSQL say when the database is away, restarting, full, or too slow. */
const databaseAway: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  '08001',
  '08003',
  '08006',
  '53300',
  '55P03',
  '57014',
  '57P01',
  '57P02',
  '57P03',
]);

/** It doesn't answer, or what answers is another one. */
const eventStoreAway: ReadonlySet<unknown> = new Set(['EventStoreUnavailable', 'UnknownHistory']);

/** Races that were lost again and again: nothing was done, and the next try may be alone. */
const contended: ReadonlySet<unknown> = new Set(['WrongExpectedRevision', 'TokenEventPending']);
const contendedMessage =
  'Too many change this at the same time; nothing was done. Repeat the request later';

interface Failure {
  name?: string;
  code?: unknown;
  message?: string;
  statusCode?: unknown;
  extras?: Record<string, unknown>;
  mayHaveAppended?: boolean;
  cause?: unknown;
}

/** The answer to a failure; undefined for one that nobody foresaw. */
export function toHttpProblem(error: unknown): HttpProblem | undefined {
  if (error instanceof HttpProblem) return error;
  if (error instanceof HttpException) return fromStatus(error.getStatus());

  // Anything can be thrown, also nothing.
  const failure = (error ?? {}) as Failure;
  const code = String(failure.code);
  if (Object.hasOwn(statusOfCode, code)) {
    return new HttpProblem(statusOfCode[code]!, code, failure.message ?? '', failure.extras);
  }
  if (contended.has(failure.name)) {
    return new HttpProblem(503, 'STORE_UNAVAILABLE', contendedMessage);
  }
  if (isStoreAway(failure)) {
    return new HttpProblem(503, 'STORE_UNAVAILABLE', awayMessage(failure.mayHaveAppended));
  }
  if (typeof failure.statusCode === 'number' && failure.statusCode < 500) {
    return fromStatus(failure.statusCode);
  }
  return undefined;
}

function fromStatus(status: number): HttpProblem | undefined {
  const problem = problemOfStatus[status];
  return problem && new HttpProblem(status, ...problem);
}

function isStoreAway(failure: Failure): boolean {
  if (failure.name === 'MayBeDone') return isStoreAway(failure.cause ?? {});
  return eventStoreAway.has(failure.name) || isDatabaseAway(failure);
}

function isDatabaseAway({ code, message }: Failure): boolean {
  return (
    databaseAway.has(code) ||
    // pg has no code for these: the pool timed out, the connection ended under a query, was given up
    // by another one, or the query was never answered.
    /timeout exceeded when trying to connect|Connection terminated|not queryable|Query read timeout/i.test(
      message ?? '',
    )
  );
}

function awayMessage(mayHaveHappened: boolean | undefined): string {
  return mayHaveHappened
    ? 'A store went away; what was asked may be done already. Repeating the request is safe'
    : 'A store is away. Repeat the request later';
}
