import type { FastifyInstance, FastifyRequest } from 'fastify';
import { linesOf } from '@app/observability';

const say = linesOf('http');

const codes = new WeakMap<FastifyRequest, string>();

/** Has the line of a request say why it was refused. */
export function noteRefusal(request: FastifyRequest, code: string): void {
  codes.set(request, code);
}

/**
 * One line for each request once it is answered. No header, since the authorization is a secret, no
 * query and no body. The ids that tie lines together are written where they are known: a logger that
 * follows each request through its promises made a DELETE a fifth slower.
 */
export function logRequests(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', async (request, { statusCode, elapsedTime }) => {
    const { id: requestId, method, url } = request;
    // Probes come every second and say nothing.
    if (url.startsWith('/health/')) return;
    const path = url.split('?', 1)[0];
    const durationMs = Math.round(elapsedTime);
    const code = statusCode < 400 ? undefined : codes.get(request);
    const fields = { requestId, method, path, statusCode, code, durationMs };
    say(statusCode >= 500 ? 'request failed' : 'request answered', fields);
  });
}
