import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { OpenSpan } from '@app/observability';
import { isTracing, startTrace } from '@app/observability';

/** What is asked every few seconds, and is nobody's work. */
const untraced = /^\/(health\/|metrics)/;

/**
 * A span for each request, below the caller's if it sends a `traceparent`. Of the URL it has the route's
 * template alone; no header and no body. Nothing is hooked in while tracing is off.
 */
export function traceRequests(fastify: FastifyInstance): void {
  if (!isTracing()) return;
  const spans = new WeakMap<FastifyRequest, OpenSpan>();
  fastify.addHook('onRequest', (request, reply, done) => {
    const span = untraced.test(request.url) ? undefined : startRequest(request);
    if (!span) return done();
    spans.set(request, span);
    // Comes also when the caller is gone before there is an answer.
    reply.raw.once('close', () => end(span, reply));
    done();
  });
  // Right before the handler: a body is read by events, which know nothing of who waits for them.
  const within = (request: FastifyRequest, _: FastifyReply, done: () => void): void => {
    const span = spans.get(request);
    if (span) span.run(done);
    else done();
  };
  fastify.addHook('preHandler', within);
  fastify.addHook('onResponse', within);
}

function startRequest(request: FastifyRequest): OpenSpan | undefined {
  const { method, headers, id, routeOptions, is404 } = request;
  const route = is404 ? undefined : routeOptions.url;
  return startTrace(headers.traceparent, {
    name: route === undefined ? method : `${method} ${route}`,
    kind: 'server',
    attributes: {
      'http.request.method': method,
      'http.route': route,
      'postbreeze.request.id': id,
    },
  });
}

function end(span: OpenSpan, { raw, statusCode }: FastifyReply): void {
  if (!raw.writableFinished) return span.end(new CallerGone());
  span.set({ 'http.response.status_code': statusCode });
  span.end(statusCode >= 500 ? new ServerError(`answered ${statusCode}`) : undefined);
}

/** The caller broke off before it was answered. */
class CallerGone extends Error {
  constructor() {
    super('the caller was gone before the answer');
  }
}

class ServerError extends Error {}
