import 'reflect-metadata';
import { CommandFactory } from 'nest-commander';
import { exitCodeOf } from '../../apps/ops/src/command/exit-codes';
import { OpsModule } from '../../apps/ops/src/ops.module';

/** How a command ended, and the lines that it printed. */
export interface OpsCall {
  readonly code: number;
  readonly printed: readonly string[];
  /** What it threw. */
  readonly error?: unknown;
}

/**
 * Runs a command of `ops` within this process, without the second that one of its own takes to start.
 * How one starts and ends is for `runOps`. One at a time: the console and the exit code are shared.
 *
 * @param args as they are typed; the environment is that of the process
 */
export async function opsInProcess(...args: string[]): Promise<OpsCall> {
  const printed: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((line: string) => {
    printed.push(line);
  });
  const { exitCode } = process;
  // A new one each time: commander keeps the options that it was given.
  const app = await CommandFactory.createWithoutRunning(OpsModule, { logger: false });
  try {
    process.exitCode = 0;
    await app.get(OpsModule).commander.parseAsync(args, { from: 'user' });
    return { code: process.exitCode, printed };
  } catch (error) {
    return { code: exitCodeOf(error), printed, error };
  } finally {
    process.exitCode = exitCode;
    log.mockRestore();
    await app.close();
  }
}
