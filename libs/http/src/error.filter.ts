import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { Catch, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpProblem } from './http-problem';
import { toHttpProblem } from './to-http-problem';

/** Seconds after which a caller may try again while a store is away. */
const retryAfter = 1;

/** Gives every failure the one shape; what nobody foresaw is logged and answered without detail. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(ErrorFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** Also for what fails before Nest is reached, e.g. a malformed URL. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = toHttpProblem(error);
    if (!problem || problem.statusCode >= 500) {
      this.logger.error({ err: error, requestId: request.id }, 'the request failed');
    }
    const { statusCode, code, message, extras } =
      problem ?? new HttpProblem(500, 'INTERNAL_ERROR', 'This is our fault, and it is logged');
    if (statusCode === 503) void reply.header('retry-after', retryAfter);
    void reply
      .status(statusCode)
      .header('x-request-id', request.id)
      .send({ statusCode, code, message, requestId: request.id, ...extras });
  }
}
