import { linesOf } from '@app/observability';
import type { ProblemBody } from './http-problem';
import { HttpProblem } from './http-problem';
import { toHttpProblem } from './to-http-problem';

const say = linesOf('http');

/** The body that tells a failure; what nobody foresaw is logged, and told without detail. */
export function describeFailure(error: unknown, requestId: string): ProblemBody {
  const problem = toHttpProblem(error);
  if (!problem || problem.statusCode >= 500) {
    say('failure behind an answer', { requestId, err: error });
  }
  const { statusCode, code, message, extras } =
    problem ?? new HttpProblem(500, 'INTERNAL_ERROR', 'This is our fault, and it is logged');
  return { statusCode, code, message, requestId, ...extras };
}
