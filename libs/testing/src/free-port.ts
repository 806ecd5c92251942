import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below what systems give to outgoing connections (from 32768 on with Linux, from 49152 on elsewhere):
 * one of these would take the port while a role that was killed isn't back yet. And below the ports by
 * which the embedded event store locks a folder where there are no abstract sockets (from 20000 on).
 */
const lowest = 10_000;
/** Each of jest's workers has a share: none is given what another one has found, and not bound yet. */
const [shares, share] = [4, 2_500];
const first = lowest + ((Number(process.env.JEST_WORKER_ID ?? 1) - 1) % shares) * share;

/** Ports of this process that were given out already, so that two callers never share one. */
const given = new Set<number>();

/** A port of 127.0.0.1 that nothing listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(first, first + share);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
