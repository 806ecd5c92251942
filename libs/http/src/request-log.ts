import { Logger } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

const logger = new Logger('Http');

/**
 * One line for each request once it is answered. No header, since the authorization is a secret, no
 * query and no body. The ids that tie lines together are written where they are known: a logger that
 * follows each request through its promises made a DELETE a fifth slower.
 */
export function logRequests(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', async ({ id, method, url }, { statusCode, elapsedTime }) => {
    // Probes come every second and say nothing.
    if (url.startsWith('/health/')) return;
    const path = url.split('?', 1)[0];
    const line = { requestId: id, method, path, statusCode, ms: Math.round(elapsedTime) };
    if (statusCode >= 500) logger.error(line, 'request failed');
    else logger.log(line, 'request answered');
  });
}
