import { createParamDecorator } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ulid } from 'ulid';

/** A new id of a request: in the answer's header, in an error's body, and in the log. */
export function newRequestId(): string {
  return `req_${ulid()}`;
}

/** The id of the request that is being answered. */
export const RequestId = createParamDecorator(
  (_: unknown, context): string => context.switchToHttp().getRequest<FastifyRequest>().id,
);
