import type { FastifyRequest } from 'fastify';
import { bearerOf, unauthorized } from './bearer';

describe('the Authorization header', () => {
  const bearerIn = (authorization?: string) =>
    bearerOf({ headers: { authorization } } as FastifyRequest);

  it.each([
    ['Bearer pb_live_x', 'pb_live_x'],
    ['bearer pb_live_x', 'pb_live_x'],
    ['BEARER pb_live_x', 'pb_live_x'],
  ])('%s carries %s', (header, secret) => {
    expect(bearerIn(header)).toBe(secret);
  });

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic pb_live_x', 'pb_live_x', 'Bearer a b'])(
    '%s carries nothing',
    (header) => {
      expect(bearerIn(header)).toBeUndefined();
    },
  );
});

describe('the challenge of a 401 (RFC 6750, section 3)', () => {
  it.each([
    [undefined, 'Bearer realm="postbreeze"'],
    ['pb_live_x', 'Bearer realm="postbreeze", error="invalid_token"'],
  ])('after the key %s is %s', (given, challenge) => {
    const { headers, message } = unauthorized(given, 'pb_live_…');
    expect(headers).toEqual({ 'www-authenticate': challenge });
    expect(message).toBe('Send a valid key: Authorization: Bearer pb_live_…');
  });
});
