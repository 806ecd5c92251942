import type { FastifyRequest } from 'fastify';
import { HttpProblem } from './http-problem';

/** The secret of an `Authorization: Bearer …` header (RFC 6750, section 2.1), or nothing. */
export function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer ([^\s]+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

/** How a 401 asks for a key (RFC 6750, section 3): whether there was none, or one that isn't valid. */
export const challenges = {
  none: 'Bearer realm="postbreeze"',
  invalid: 'Bearer realm="postbreeze", error="invalid_token"',
} as const;

/**
 * Unknown, malformed and revoked look the same.
 *
 * @param given what was sent as the key, if anything was
 * @param expected what a key looks like
 */
export function unauthorized(given: string | undefined, expected: string): HttpProblem {
  return new HttpProblem(
    401,
    'UNAUTHORIZED',
    `Send a valid key: Authorization: Bearer ${expected}`,
    {},
    { 'www-authenticate': given === undefined ? challenges.none : challenges.invalid },
  );
}
