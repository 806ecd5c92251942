import type { FastifyRequest } from 'fastify';
import { HttpProblem } from './http-problem';

/** The secret of an `Authorization: Bearer …` header (RFC 6750, section 2.1), or nothing. */
export function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer ([^\s]+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

/** Missing, unknown and revoked look the same; the challenge is RFC 6750's, section 3. */
export function unauthorized(expected: string): HttpProblem {
  return new HttpProblem(
    401,
    'UNAUTHORIZED',
    `Send a valid key: Authorization: Bearer ${expected}`,
    {},
    { 'www-authenticate': 'Bearer' },
  );
}
