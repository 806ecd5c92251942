import { statSync } from 'node:fs';
import { connect, createServer, type ListenOptions, type Server } from 'node:net';
import { createHash } from 'node:crypto';
import { UnusableFolderError } from './folder';

const HOST = '127.0.0.1';
const FIRST_PORT = 20_000;
const PORTS = 12_000;

/** Held until it is released or its process dies, however it dies. */
export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Takes a folder for this process alone. Two processes on one LMDB folder overwrite each
 * other silently, and a lock file would outlive a killed owner: what is taken here is an
 * address, which the system frees with its owner.
 *
 * On Linux that is an abstract socket, seen within one network namespace: two containers that
 * share a folder are not kept apart. Elsewhere it is a loopback port picked by the folder, so
 * that a stranger on that port looks like a second owner (the line says so).
 *
 * @param folder an existing folder; its identity counts, not the path it was reached by
 * @throws UnusableFolderError when the folder is taken
 */
export async function lockFolder(folder: string, platform = process.platform): Promise<FolderLock> {
  const { path, port } = addressOf(folder, platform);
  const server = createServer((socket) => socket.destroy());
  const refusal = `${folder} is in use by another event store: stop it first`;
  if (path) await listen(server, { path }, refusal);
  else {
    await listen(
      server,
      { host: HOST, port, exclusive: true },
      `${refusal} (or another program holds port ${port}, this folder's lock: choose another data folder)`,
    );
  }
  // The lock must not keep a process alive that has nothing else left to do.
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Whether somebody holds a folder. It takes nothing: who wants to hold it at the same time still can. */
export function isHeld(folder: string, platform = process.platform): Promise<boolean> {
  const { path, port } = addressOf(folder, platform);
  return new Promise((resolve) => {
    const socket = path ? connect({ path }) : connect({ host: HOST, port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function addressOf(folder: string, platform: NodeJS.Platform): { path?: string; port: number } {
  const { dev, ino } = statSync(folder, { bigint: true });
  const identity = createHash('sha256').update(`${dev}:${ino}`).digest();
  const port = FIRST_PORT + (identity.readUInt32BE(0) % PORTS);
  if (platform !== 'linux') return { port };
  return { port, path: `\0embedded-event-store-${identity.toString('hex')}` };
}

function listen(server: Server, address: ListenOptions, refusal: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new UnusableFolderError(refusal) : error);
    });
    server.listen(address, resolve);
  });
}
