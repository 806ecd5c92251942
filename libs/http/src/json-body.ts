import type { FastifyBodyParser, FastifyInstance } from 'fastify';
import { HttpProblem } from './http-problem';

type BodyParser = FastifyBodyParser<Buffer>;
type Done = (error: Error | null, body?: unknown) => void;

/**
 * Parses bodies of type `application/json`. An empty one is none: clients send the content type
 * with every DELETE. What was sent never comes back in an error, as in the parser's own messages.
 */
export function jsonObjectParser(fastify: FastifyInstance): BodyParser {
  // Refuses `__proto__` and its kin, too.
  const parse = fastify.getDefaultJsonParser('error', 'error') as FastifyBodyParser<string>;
  return (request, body, done: Done) => {
    if (body.length === 0) return done(null, undefined);
    void parse(request, body.toString(), (error, value: unknown) => {
      if (!error && isObject(value)) return done(null, value);
      done(new HttpProblem(400, 'BAD_REQUEST', 'The body must be a JSON object'));
    });
  };
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
