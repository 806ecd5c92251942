import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import { linesOf } from '@app/observability';
import { answerClientError } from './client-error';
import { endConnectionsInOrder } from './connections';
import { ErrorFilter } from './error.filter';
import { HttpProblem } from './http-problem';
import { jsonObjectParser } from './json-body';
import { newRequestId } from './request-id';
import { logRequests } from './request-log';
import { measureRequests } from './request-metrics';
import { traceRequests } from './request-traces';
import { RouteTable } from './route-table';

/** Bytes of a body at most. */
const bodyLimit = 64 * 1024;

/** Fastify, set up so that no answer of its own escapes the contract. */
export function createFastifyAdapter(): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit,
    genReqId: newRequestId,
    // A malformed URL goes past Nest's filters and hooks, and so past the log.
    frameworkErrors: answerBadUrl as FastifyServerOptions['frameworkErrors'],
    clientErrorHandler: answerClientError,
    // An id of any length is malformed (400); by default a long one has no route (404).
    routerOptions: { maxParamLength: 16 * 1024 },
    // At the end every answer goes out whole, and in the contract's shape; see `connections.ts` too.
    forceCloseConnections: 'idle',
    return503OnClosing: false,
  });
  const fastify = adapter.getInstance();
  fastify.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
  });
  // Before the log, whose lines name the span.
  traceRequests(fastify);
  logRequests(fastify);
  measureRequests(fastify);
  endConnectionsInOrder(fastify);
  fastify.removeContentTypeParser('text/plain');
  adapter.useBodyParser('application/json', false, { bodyLimit }, jsonObjectParser(fastify));
  refuseWhatHasNoRoute(adapter);
  return adapter;
}

/** Before the body is parsed: what is wrong with it is nobody's concern at a path like that. */
function refuseWhatHasNoRoute(adapter: FastifyAdapter): void {
  const routes = new RouteTable();
  const fastify = adapter.getInstance();
  fastify.addHook('onRoute', ({ method, url }) => routes.add(method, url));
  fastify.addHook('preParsing', async (request) => {
    if (request.is404 || isAnothersPath(request, routes)) throw noRoute(request, routes);
  });
}

/** Whether a route with a parameter has caught what is another one's path, word for word. */
function isAnothersPath(
  { method, url, routeOptions }: FastifyRequest,
  routes: RouteTable,
): boolean {
  if (!routeOptions.url?.includes(':')) return false;
  return !routes.allowedFor(url.split('?', 1)[0]!).includes(method);
}

function noRoute({ method, url }: FastifyRequest, routes: RouteTable): HttpProblem {
  const allowed = routes.allowedFor(url.split('?', 1)[0]!);
  if (allowed.length === 0 || allowed.includes(method)) {
    return new HttpProblem(404, 'NOT_FOUND', 'There is nothing at this path');
  }
  const allow = allowed.join(', ');
  return new HttpProblem(405, 'METHOD_NOT_ALLOWED', `Use ${allow} here`, {}, { allow });
}

const filter = new ErrorFilter();
const say = linesOf('http');

function answerBadUrl(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  say('malformed URL', { requestId: request.id });
  filter.answer(error, request, reply);
}
