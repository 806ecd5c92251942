import { randomFillSync } from 'node:crypto';
import { createParamDecorator } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ulid } from 'ulid';

const pool = Buffer.alloc(4_096);
let used = pool.length;

/** By itself, ulid asks the system for each of its 16 characters: 2% of what a DELETE costs us. */
function pooledRandom(): number {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool[used++]! / 256;
}

/** A new id of a request: in the answer's header, in an error's body, and in the log. */
export function newRequestId(): string {
  return `req_${ulid(undefined, pooledRandom)}`;
}

/** The id of the request that is being answered. */
export const RequestId = createParamDecorator(
  (_: unknown, context): string => context.switchToHttp().getRequest<FastifyRequest>().id,
);
