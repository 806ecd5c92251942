import type { FastifyRequest } from 'fastify';
import { bearerOf } from './bearer';

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
