import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import { ErrorFilter } from './error.filter';
import { newRequestId } from './request-id';

/** Bytes of a body at most. */
const bodyLimit = 64 * 1024;

/** Fastify, set up so that no answer of its own escapes the contract. */
export function createFastifyAdapter(): FastifyAdapter {
  const filter = new ErrorFilter();
  const adapter = new FastifyAdapter({
    bodyLimit,
    genReqId: newRequestId,
    // A malformed URL goes past Nest's filters and hooks.
    frameworkErrors: ((error: Error, request: FastifyRequest, reply: FastifyReply) =>
      filter.answer(error, request, reply)) as FastifyServerOptions['frameworkErrors'],
    // A keep-alive connection must not hold up the end of the process.
    forceCloseConnections: true,
  });
  const fastify = adapter.getInstance();
  fastify.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
  });
  return adapter;
}
