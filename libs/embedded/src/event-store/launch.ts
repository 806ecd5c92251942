import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { builtFile } from '../process/project-root';
import { EngineStartError, type RunningEngine } from '../process/running-engine';
import { isChildMessage } from './child-message';

const NAME = 'event store';
const STOP_GRACE_MS = 5_000;
/**
 * Events pass through and are garbage at once. With Node's own 16 MB for what is young the process
 * grew to 125 MB under a flood, with 4 MB to 90 MB, and appended as fast.
 */
const YOUNG_MEMORY = '--max-semi-space-size=4';

export interface EventStoreOptions {
  /** Created when missing. One process at a time may use it. */
  dataDir: string;
  /** 0, the default, takes a free one; one that is given and taken is an error. */
  port?: number;
  /** Default true. Without it a crash of the machine loses events: for tests only. */
  fsync?: boolean;
  /**
   * For tests: cuts subscriptions at random, says `caughtUp` twice, and remembers no ids for `any`
   * and `stream_exists`. The same seed, any text, cuts at the same places again.
   */
  strict?: { readonly seed: string };
  /** Gets each line that the event store logs. */
  onLog?: (line: string) => void;
}

type Exit = { code: number | null; signal: NodeJS.Signals | null };

/**
 * Starts the event store as a process of its own, and waits until it can be called. The
 * process ends when this one does, however this one ends.
 *
 * @throws EngineStartError when the folder is in use or of a newer format, the port is
 *   taken, or the project isn't built
 */
export async function startEventStore(options: EventStoreOptions): Promise<RunningEngine> {
  const child = spawnChild(options);
  const exited = exitOf(child);
  const port = await portOf(child, forwardLines(child, options.onLog));
  return {
    name: NAME,
    url: `esdb://127.0.0.1:${port}?tls=false`,
    port,
    // A child that has told its port has a pid.
    pid: child.pid!,
    exited,
    stop: () => stop(child, exited),
    kill: () => void child.kill('SIGKILL'),
  };
}

function spawnChild({ dataDir, port = 0, fsync = true, strict }: EventStoreOptions): ChildProcess {
  const main = builtFile('libs/embedded/src/event-store/main');
  const settings = ['--data-dir', dataDir, '--port', String(port)];
  if (!fsync) settings.push('--no-fsync');
  // In one word: a seed that begins with a dash would be taken for another setting.
  if (strict) settings.push(`--strict=${strict.seed}`);
  return spawn(process.execPath, [YOUNG_MEMORY, main, ...settings], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // In a group of its own, so that Ctrl-C in a terminal reaches the parent only, and the
    // parent can stop its children in order.
    detached: true,
  });
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => {
      // Without a process there is no exit event.
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
  });
}

/**
 * Also without a listener the pipe must be read: a full one would block the child.
 *
 * @returns what was logged last, which explains a child that ended without a word
 */
function forwardLines(
  child: ChildProcess,
  onLog: (line: string) => void = () => {},
): () => string | undefined {
  let last: string | undefined;
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      last = line;
      onLog(line);
    });
  }
  return () => last;
}

function portOf(child: ChildProcess, lastLine: () => string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      if (!isChildMessage(message)) return;
      if ('ready' in message) resolve(message.ready);
      else reject(new EngineStartError(message.failed));
    });
    child.once('error', (error) => reject(new EngineStartError(`The ${NAME}: ${error.message}`)));
    // Not at `exit`: by then its last line may not have been read.
    child.once('close', (code, signal) => {
      const reason = lastLine() ?? `it ended with ${signal ?? `code ${code}`}`;
      reject(new EngineStartError(`The ${NAME} can't start (is the project built?): ${reason}`));
    });
  });
}

async function stop(child: ChildProcess, exited: Promise<Exit>): Promise<void> {
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
  await exited;
  clearTimeout(force);
}
