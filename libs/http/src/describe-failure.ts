import { Logger } from '@nestjs/common';
import type { ProblemBody } from './http-problem';
import { HttpProblem } from './http-problem';
import { toHttpProblem } from './to-http-problem';

const logger = new Logger('Failures');

/** The body that tells a failure; what nobody foresaw is logged, and told without detail. */
export function describeFailure(error: unknown, requestId: string): ProblemBody {
  const problem = toHttpProblem(error);
  if (!problem || problem.statusCode >= 500) {
    logger.error({ err: error, requestId }, 'the request failed');
  }
  const { statusCode, code, message, extras } =
    problem ?? new HttpProblem(500, 'INTERNAL_ERROR', 'This is our fault, and it is logged');
  return { statusCode, code, message, requestId, ...extras };
}
