import { inspect, parseArgs } from 'node:util';
import type { ChildMessage } from './child-message';
import { serve, type RunningServer } from './server';
import { UnusableFolderError } from './store/folder';
import { openStore, type Store } from './store/store';
import { Strictness } from './strictness';

/**
 * The event store as a process of its own.
 *
 * Its parent keeps an IPC channel open for as long as it lives, so the channel's end is the
 * sign to leave: a parent that was killed can't send one.
 */
const { values: settings } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    port: { type: 'string', default: '0' },
    'no-fsync': { type: 'boolean', default: false },
    strict: { type: 'string' },
  },
});

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

function tellParent(message: ChildMessage): void {
  if (process.connected) process.send?.(message);
}

/** Given once for all: it counts subscriptions. */
const strictness = settings.strict === undefined ? undefined : new Strictness(settings.strict);

async function start(): Promise<{ store: Store; server: RunningServer }> {
  const folder = settings['data-dir'];
  if (!folder) throw new UnusableFolderError('Say which folder to use: --data-dir <path>');
  const store = await openStore(folder, {
    fsync: !settings['no-fsync'],
    rememberedIds: strictness?.rememberedIds,
    onFailure: (failure) => log(failure.message),
    onUndecided: (failure) => log(inspect(failure)),
  });
  try {
    return { store, server: await serve(store, { port: portOf(settings.port), strictness }) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Infinity;
  if (port <= 65_535) return port;
  throw new Error(`--port is a number up to 65535, and 0 for a free one, not "${text}"`);
}

function failureLine(error: unknown): string {
  if (error instanceof UnusableFolderError) return error.message;
  const reason = error instanceof Error ? error.message : String(error);
  return reason.includes('EADDRINUSE')
    ? `Port ${settings.port} on 127.0.0.1 is taken: stop what holds it, or choose another port`
    : `The event store can't start: ${reason.replaceAll('\n', ' ')}`;
}

/** Settles when this process is asked to end, or its parent is gone. */
function askedToEnd(): Promise<void> {
  return new Promise((resolve) => {
    for (const sign of ['SIGTERM', 'SIGINT', 'disconnect']) process.on(sign, () => resolve());
  });
}

async function main(): Promise<void> {
  // The pipes to a killed parent are broken; saying so to it would only fail again.
  process.stderr.on('error', () => {});
  // Listens from the first moment: a parent may be killed while its child starts.
  const end = askedToEnd();
  const { store, server } = await start();
  log(
    `Embedded event store on 127.0.0.1:${server.port}: a local default and test double, ` +
      `never a production database${settings['no-fsync'] ? ' (and it does not sync to disk)' : ''}` +
      (strictness ? `; strict, which --strict ${strictness.seed} repeats` : ''),
  );
  tellParent({ ready: server.port });

  try {
    // A large database is checked while it is served already; a damaged one ends this process.
    await Promise.race([end, store.sound.then(() => end)]);
  } finally {
    await server.close();
    await store.close();
  }
  process.exit(0);
}

main().catch((error: unknown) => {
  const line = failureLine(error);
  log(line);
  tellParent({ failed: line });
  // Ending by itself, not by exit(), lets the message reach the parent first.
  process.exitCode = 1;
  if (process.connected) process.disconnect();
});
