import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, existsSync, openSync, renameSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { endGroup, signalGroup } from './end-group';
import type { GuardOrder, GuardReport } from './guard-protocol';
import { ourselves } from './ourselves';
import { builtFile } from './project-root';
import { EngineStartError, type RunningEngine } from './running-engine';

/** A program that must not outlive us. */
export interface GuardedCommand extends Omit<GuardOrder, 'parent'> {
  /** Where what it prints goes: a file, which starts empty, or a function that gets each line. */
  readonly output: string | ((line: string) => void);
}

export interface GuardedProcess extends Pick<RunningEngine, 'pid' | 'exited' | 'kill'> {
  /** Ends it cleanly, and by force after the grace, 5 s unless told. */
  stop(graceMs?: number): Promise<void>;
}

/**
 * Runs a program under a guard process, so that it ends when we end, even by SIGKILL. It
 * gets a process group of its own, which `stop` and `kill` reach as a whole.
 *
 * @throws EngineStartError when the program can't be run, or the guard itself isn't built
 */
export async function startGuarded(command: GuardedCommand): Promise<GuardedProcess> {
  const { output, ...order } = command;
  const guard = forkGuard(output);
  const reports = collectReports(guard);
  // A guard that can't be told has ended, which `gone` says as well.
  guard.send({ ...order, parent: ourselves() } satisfies GuardOrder, () => undefined);

  const { pid } = await startedBy(reports, command.command);
  const exited = reports.gone.then(() => {
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
    stop: async (graceMs) => {
      if (running) await endGroup(pid, order.stopSignal, exited, graceMs);
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

type EndReport = Extract<GuardReport, { kind: 'exited' }>;
type BeginReport = Exclude<GuardReport, EndReport>;

interface Reports {
  readonly begun: Promise<BeginReport>;
  /** Settles when the guard itself has ended; a report comes before. */
  readonly gone: Promise<undefined>;
  exited?: EndReport;
}

function collectReports(guard: ChildProcess): Reports {
  const reports: Reports = {
    begun: new Promise((resolve) => {
      guard.on('message', (report: GuardReport) => {
        if (report.kind === 'exited') reports.exited = report;
        else resolve(report);
      });
    }),
    gone: new Promise((resolve) => {
      // Not at its exit, when lines that were printed may still be on their way.
      guard.once('close', () => resolve(undefined));
      guard.once('error', () => resolve(undefined));
    }),
  };
  return reports;
}

async function startedBy({ begun, gone }: Reports, command: string): Promise<{ pid: number }> {
  const report = await Promise.race([begun, gone]);
  if (report?.kind === 'started') return report;
  const reason = report?.message ?? 'its guard process ended at once';
  throw new EngineStartError(`${command} can't be run as this user: ${reason}`);
}
