import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { EngineStartError } from './running-engine';

/**
 * Below the range from which Linux, macOS and Windows take the ports of outgoing
 * connections: one of those would sooner or later sit on a port kept for a restart.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;
const ATTEMPTS = 50;

/**
 * A port of 127.0.0.1 that was free once and is kept in a file, so that a restart has the
 * same. When somebody else has taken it meanwhile, another is chosen, kept and said.
 *
 * @param file JSON, port by name; made when absent
 */
export async function keptPort(
  file: string,
  name: string,
  say: (line: string) => void = () => undefined,
): Promise<number> {
  const kept = readPorts(file)[name];
  if (kept !== undefined && (await isPortFree(kept))) return kept;
  const port = await freePort(Object.values(readPorts(file)));
  // Read again and written in one go: several names of one file may be chosen at once.
  writeFileSync(file, `${JSON.stringify({ ...readPorts(file), [name]: port }, null, 2)}\n`);
  if (kept !== undefined) {
    say(`Port ${kept} of ${name} is taken by another process: now using ${port}`);
  }
  return port;
}

/**
 * @param setting what the reader can set to choose another port
 * @throws EngineStartError when something listens there already
 */
export async function requireFreePort(port: number, name: string): Promise<number> {
  if (await isPortFree(port)) return port;
  throw new EngineStartError(
    `Port ${port} for the embedded ${name} is taken by another process: stop it or choose another port.`,
  );
}

/** @throws EngineStartError when there is none after many attempts */
export async function freePort(except: readonly number[] = []): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (!except.includes(port) && (await isPortFree(port))) return port;
  }
  throw new EngineStartError(
    `No free port between ${FIRST_PORT} and ${LAST_PORT} on 127.0.0.1: stop something that listens there.`,
  );
}

/** Whether nothing listens on this port of 127.0.0.1. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

function readPorts(file: string): Record<string, number> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
  } catch {
    return {};
  }
}
