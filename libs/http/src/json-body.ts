import type { FastifyBodyParser, FastifyInstance } from 'fastify';
import { HttpProblem } from './http-problem';

type BodyParser = FastifyBodyParser<Buffer>;
/** No body of ours needs more; whatever walks through one may recurse that deep. */
const maxLevels = 32;

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
      if (error || !isObject(value)) {
        return done(new HttpProblem(400, 'BAD_REQUEST', 'The body must be a JSON object'));
      }
      if (nestsDeeper(value, maxLevels)) {
        return done(new HttpProblem(400, 'BAD_REQUEST', 'The body is nested too deep'));
      }
      done(null, value);
    });
  };
}

function nestsDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((child) => nestsDeeper(child, levels - 1));
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
