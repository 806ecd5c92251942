import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ServiceRole } from '@app/config';
import type { Child } from './child';
import { StartError } from './child';

/** Milliseconds that a role has to end cleanly: a little more than it gives itself. */
const graceMs = 5_000;

export interface RoleProcessOptions {
  readonly role: ServiceRole;
  /** Its whole environment. */
  readonly env: NodeJS.ProcessEnv;
  /** Gets each line that it prints. */
  readonly onLine: (line: string) => void;
}

/**
 * Starts a role as a process of its own and waits until it is ready. It ends when this process
 * does, however this one ends: the role watches its IPC channel.
 *
 * @throws StartError with the role's own line
 */
export async function startRole(options: RoleProcessOptions): Promise<Child> {
  const main = join(__dirname, `../../../apps/${options.role}/src/main.js`);
  const child = spawn(process.execPath, ['--enable-source-maps', main], {
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // In a group of its own: Ctrl-C reaches the supervisor alone, which stops all in order.
    detached: true,
  });
  const exited = exitOf(child);
  const lastError = readLines(child, options.onLine);
  await untilReady(child, options.role, lastError);
  return { exited, stop: () => stop(child, exited) };
}

function exitOf(child: ChildProcess): Child['exited'] {
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
}

/** Passes lines on as they come; returns what was last said on stderr. */
function readLines(child: ChildProcess, onLine: (line: string) => void): () => string | undefined {
  let lastError: string | undefined;
  createInterface({ input: child.stdout! }).on('line', onLine);
  createInterface({ input: child.stderr! }).on('line', (line) => {
    lastError = line;
    onLine(line);
  });
  return () => lastError;
}

function untilReady(
  child: ChildProcess,
  role: ServiceRole,
  lastError: () => string | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('error', (error) => reject(new StartError(`${role}: ${error.message}`)));
    // Not at `exit`: by then its last line may not have been read.
    child.once('close', (code, signal) =>
      reject(new StartError(lastError() ?? `${role} ended with ${signal ?? `code ${code}`}`)),
    );
  });
}

async function stop(child: ChildProcess, exited: Child['exited']): Promise<void> {
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(force);
}
