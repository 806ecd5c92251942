import { HttpException } from '@nestjs/common';
import { HttpProblem } from './http-problem';

/** The status of each refusal that the rooms behind HTTP can make, by its code. */
const statusOfCode: Readonly<Record<string, number>> = {
  CHANNEL_NOT_FOUND: 404,
  NOT_DISCONNECTED: 404,
  ROLE_TOO_LOW: 403,
  WORKSPACE_OUT_OF_REACH: 403,
  ACCOUNT_ALREADY_CONNECTED: 409,
  ALREADY_DISCONNECTED: 409,
  IDEMPOTENCY_KEY_REUSED: 422,
  BAD_CURSOR: 400,
  MALFORMED_ID: 400,
  STORE_UNAVAILABLE: 503,
};

/** The code of a failure that only has a status, e.g. Fastify's own. */
const codeOfStatus: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  413: 'BODY_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

/** What Node and PostgreSQL say when the database is away, restarting, full, or busy. */
const databaseAway: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  '08001',
  '08003',
  '08006',
  '53300',
  '55P03',
  '57P01',
  '57P02',
  '57P03',
]);

interface Failure {
  name?: string;
  code?: unknown;
  message?: string;
  statusCode?: unknown;
  extras?: Record<string, unknown>;
  mayHaveAppended?: boolean;
}

/** The answer to a failure; undefined for one that nobody foresaw. */
export function toHttpProblem(error: unknown): HttpProblem | undefined {
  if (error instanceof HttpProblem) return error;
  if (error instanceof HttpException) return fromStatus(error.getStatus(), error.message);

  // Anything can be thrown, also nothing.
  const failure = (error ?? {}) as Failure;
  const code = String(failure.code);
  if (Object.hasOwn(statusOfCode, code)) {
    return new HttpProblem(statusOfCode[code]!, code, failure.message ?? '', failure.extras);
  }
  if (failure.name === 'EventStoreUnavailable' || isDatabaseAway(failure)) {
    return new HttpProblem(503, 'STORE_UNAVAILABLE', awayMessage(failure.mayHaveAppended));
  }
  if (typeof failure.statusCode === 'number' && failure.statusCode < 500) {
    return fromStatus(failure.statusCode, failure.message ?? '');
  }
  return undefined;
}

function fromStatus(status: number, message: string): HttpProblem | undefined {
  const code = codeOfStatus[status];
  return code === undefined ? undefined : new HttpProblem(status, code, message);
}

function isDatabaseAway({ code, message }: Failure): boolean {
  return (
    databaseAway.has(code) ||
    // pg has no code for these: the pool timed out, or the connection ended under a query.
    /timeout exceeded when trying to connect|Connection terminated/i.test(message ?? '')
  );
}

function awayMessage(mayHaveHappened: boolean | undefined): string {
  return mayHaveHappened
    ? 'A store went away; what was asked may be done already. Repeating the request is safe'
    : 'A store is away. Repeat the request later';
}
