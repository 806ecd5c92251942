import { setTimeout as wait } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { endConnectionsWithAnswers } from '@app/http';
import { endTracing, linesOf, readableMessage } from '@app/observability';
import { Readiness } from './readiness';

const say = linesOf('process');

/** Milliseconds after which answers that nobody takes, or requests that don't come, are cut off. */
const answersWithinMs = 3_000;
/** Milliseconds that the whole end may take behind the drain; SHUTDOWN_DRAIN_MS tells operators. */
const endWithinMs = 4_500;

/**
 * Ends a role and its process, in order: not ready; still answering for as long as balancers may send
 * to it; no new connection, and what was asked answered; loops stopped, terms given back, stores closed,
 * the last spans sent.
 * What hangs is cut off, with exit code 1.
 *
 * @param drainMs how long it goes on answering
 */
export async function endRole(app: NestFastifyApplication, drainMs: number): Promise<never> {
  const begun = performance.now();
  setTimeout(() => process.exit(1), drainMs + endWithinMs).unref();
  const server = app.getHttpServer();
  app.get(Readiness).stop();
  endConnectionsWithAnswers(server);
  try {
    if (server.listening) await wait(drainMs);
    setTimeout(() => server.closeAllConnections(), answersWithinMs).unref();
    await app.close();
    await endTracing();
    say('role stopped', { durationMs: Math.round(performance.now() - begun) });
  } catch (error) {
    console.error(`Not a clean end: ${readableMessage(error)}`);
    return process.exit(1);
  }
  return process.exit();
}
