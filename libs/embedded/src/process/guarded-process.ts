import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, existsSync, openSync, renameSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { endGroup, signalGroup } from './end-group';
import type { GuardOrder, GuardReport } from './guard-protocol';
import { identify } from './process-identity';
import { builtFile } from './project-root';
import { EngineStartError, type RunningEngine } from './running-engine';

/** A program that must not outlive us. */
export interface GuardedCommand extends Omit<GuardOrder, 'parent'> {
  /** Where what it prints goes: a file, which starts empty, or a function that gets each line. */
  readonly output: string | ((line: string) => void);
}

export type GuardedProcess = Pick<RunningEngine, 'pid' | 'exited' | 'stop' | 'kill'>;

/** The program itself can't be run: not there, not executable, not for this user. */
export class CommandNotRunError extends Error {
  override readonly name = 'CommandNotRunError';
}

/**
 * Runs a program under a guard process, so that it ends when we end, even by SIGKILL. It
 * gets a process group of its own, which `stop` and `kill` reach as a whole.
 *
 * @throws CommandNotRunError when the program can't be run
 * @throws EngineStartError when the guard itself isn't built
 */
export async function startGuarded(command: GuardedCommand): Promise<GuardedProcess> {
  const { output, ...order } = command;
  const parent = identify(process.pid);
  if (!parent) throw new Error('This process can not read its own start time');
  const guard = forkGuard(output);
  const gone = new Promise<void>((resolve) => guard.once('exit', () => resolve()));
  const reports = collectReports(guard);
  guard.send({ ...order, parent } satisfies GuardOrder);

  const started = await Promise.race([reports.started, gone]);
  if (started === undefined) throw new Error('The guard process ended before it started anything');
  if (started.kind === 'failed') throw new CommandNotRunError(started.message);
  const { pid } = started;
  const exited = gone.then(() => {
    // Without a word from its guard the engine may still run, and nobody would end it.
    if (!reports.exited) signalGroup(pid, 'SIGKILL');
    const { code = null, signal = 'SIGKILL' as const } = reports.exited ?? {};
    return { code, signal };
  });
  let running = true;
  void exited.then(() => (running = false));
  return {
    pid,
    exited,
    stop: async () => {
      if (running) await endGroup(pid, order.stopSignal, exited);
    },
    kill: () => {
      if (running) signalGroup(pid, 'SIGKILL');
    },
  };
}

/** Runs a program under a guard to its end, and hands over all that it printed. */
export async function runGuarded(
  command: Omit<GuardedCommand, 'output' | 'stopSignal'>,
  onLine: (line: string) => void = () => undefined,
): Promise<{ code: number | null; lines: string[] }> {
  const lines: string[] = [];
  const output = (line: string) => {
    lines.push(line);
    onLine(line);
  };
  const { exited } = await startGuarded({ ...command, stopSignal: 'SIGTERM', output });
  const { code } = await exited;
  return { code, lines };
}

function forkGuard(output: GuardedCommand['output']): ChildProcess {
  const program = builtFile('libs/embedded/src/process/guard-main');
  if (!existsSync(program)) {
    throw new EngineStartError('The engines are not built: run `npm run build` first.');
  }
  const sink = typeof output === 'string' ? openAfresh(output) : ('pipe' as const);
  const guard = fork(program, [], {
    detached: true,
    execArgv: [],
    env: {},
    stdio: ['ignore', sink, sink, 'ipc'],
  });
  if (typeof sink === 'number') closeSync(sink);
  if (typeof output === 'function') {
    for (const stream of [guard.stdout, guard.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', output);
    }
  }
  return guard;
}

/** The log of the run before stays, since it may say why that one ended. */
function openAfresh(logFile: string): number {
  if (existsSync(logFile)) renameSync(logFile, logFile.replace(/\.log$/, '.previous.log'));
  return openSync(logFile, 'w');
}

function collectReports(guard: ChildProcess) {
  type Begin = Exclude<GuardReport, { kind: 'exited' }>;
  type End = Extract<GuardReport, { kind: 'exited' }>;
  const reports: { started: Promise<Begin>; exited?: End } = {
    started: new Promise((resolve) => {
      guard.on('message', (report: GuardReport) => {
        if (report.kind === 'exited') reports.exited = report;
        else resolve(report);
      });
    }),
  };
  return reports;
}
