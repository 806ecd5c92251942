import { spawn } from 'node:child_process';
import type { ArmingMessage, Failpoint, ServiceRole } from '@app/config';
import { builtFile } from '@app/embedded';
import { quickLoading } from './quick-loading';

type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A role that runs as in production: a process of its own, from dist. */
export interface RoleProcess {
  readonly role: ServiceRole;
  readonly pid: number;
  /** Where it listens. */
  readonly url: string;
  /** Where it shows its metrics. */
  readonly metricsUrl: string;
  /** Settles once, when the process has ended for whatever reason; whoever reads it knows that it may. */
  readonly exited: Promise<Exit>;
  /** What it has printed so far, on both of its outputs. */
  output(): string;
  /**
   * Has it die as if it was killed when it comes to that point; resolves when it knows. Its NODE_ENV
   * must be test.
   *
   * @param of of which effect or handler
   */
  arm(failpoint: Failpoint, of?: string): Promise<void>;
  /** SIGTERM, and the end awaited; nothing when it has ended already. */
  stop(): Promise<Exit>;
  /** SIGKILL, and the end awaited. */
  kill(): Promise<Exit>;
  /** @throws Error with its last lines when it has ended, and no test has asked for that or looked */
  assertNotLost(): void;
}

/** Roles whose metrics are not on the port that callers reach. */
const ownMetricsPort: ReadonlySet<ServiceRole> = new Set(['api', 'internal'] as const);

/** Of a role that was lost, enough to see why. */
const lastLines = 20;

/** A role that ended before it was ready. */
export class RoleStartError extends Error {
  constructor(
    role: ServiceRole,
    readonly exit: Exit,
    readonly output: string,
  ) {
    super(`${role} ended with ${exit.signal ?? exit.code} before it was ready: ${output}`);
    this.name = 'RoleStartError';
  }
}

/**
 * Starts a role and waits until it is ready. It ends by itself when this process does.
 *
 * @param env its whole environment but for PATH
 * @param cwd a folder without a `.env`, which the role would read
 * @throws RoleStartError
 */
export async function startRoleProcess(
  role: ServiceRole,
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<RoleProcess> {
  const port = `${role.toUpperCase()}_PORT`;
  const metricsPort = ownMetricsPort.has(role) ? port.replace('_', '_METRICS_') : port;
  const at = (variable: string): string => `http://127.0.0.1:${env[variable]}`;
  const main = builtFile(`apps/${role}/src/main`);
  const child = spawn(process.execPath, ['--enable-source-maps', ...quickLoading.options, main], {
    cwd,
    env: { PATH: process.env.PATH, ...quickLoading.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  const collect = (chunk: Buffer): void => void (output += chunk.toString());
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  // Not at `exit`: by then its last line may not have been read.
  const exited = new Promise<Exit>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  let mayEnd = false;
  const end = (signal: NodeJS.Signals): Promise<Exit> => {
    mayEnd = true;
    child.kill(signal);
    return exited;
  };

  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('error', reject);
    void exited.then((exit) => reject(new RoleStartError(role, exit, output)));
  });
  return {
    role,
    // A child that has said that it is ready has a pid.
    pid: child.pid!,
    url: at(port),
    metricsUrl: `${at(metricsPort)}/metrics`,
    get exited() {
      mayEnd = true;
      return exited;
    },
    output: () => output,
    arm: (failpoint, of) =>
      new Promise((resolve, reject) => {
        mayEnd = true;
        child.once('message', () => resolve());
        child.send({ failpoint, of } satisfies ArmingMessage, (error) => error && reject(error));
      }),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    assertNotLost: () => {
      const how = child.signalCode ?? child.exitCode;
      if (how === null || mayEnd) return;
      const lines = output.trimEnd().split('\n').slice(-lastLines);
      throw new Error(
        `the ${role} ended with ${how} in the middle of the test:\n${lines.join('\n')}`,
      );
    },
  };
}
