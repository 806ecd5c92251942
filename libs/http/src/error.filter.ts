import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { Catch } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describeFailure } from './describe-failure';
import { noteRefusal } from './request-log';
import { toHttpProblem } from './to-http-problem';

/** Seconds after which a caller may try again while a store is away. */
const retryAfter = 1;

/** Gives every failure the one shape. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** Also for what fails before Nest is reached, e.g. a malformed URL. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const body = describeFailure(error, request.id);
    noteRefusal(request, body.code);
    if (body.statusCode === 503) void reply.header('retry-after', retryAfter);
    void reply
      .status(body.statusCode)
      .headers({ ...toHttpProblem(error)?.headers, 'x-request-id': request.id })
      .send(body);
  }
}
