import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Servers that are about to end. */
const ending = new WeakSet<object>();

/**
 * Has a server end without cutting an answer or keeping anybody waiting. A request that came is
 * answered, and its answer says that it is the connection's last one. Idle connections end at once, and
 * so do those on which nothing was asked yet: balancers open such ones in advance, and Node would wait
 * for their requests for a minute.
 */
export function endConnectionsInOrder(fastify: FastifyInstance): void {
  const { server } = fastify;
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (ending.has(server)) void reply.header('connection', 'close');
    done(null, payload);
  });
  fastify.addHook('preClose', async () => {
    ending.add(server);
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
  });
}

/**
 * From now on each answer is the last one of its connection, and says so: who keeps connections opens
 * the next one where somebody is ready, instead of losing a request on one that is just being closed.
 */
export function endConnectionsWithAnswers(server: Server): void {
  ending.add(server);
}
