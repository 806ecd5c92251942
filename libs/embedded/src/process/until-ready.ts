import { setTimeout as sleep } from 'node:timers/promises';
import type { GuardedProcess } from './guarded-process';
import { essenceOfLog } from './log-essence';
import { EngineStartError } from './running-engine';

export interface Readiness {
  readonly name: string;
  readonly engine: GuardedProcess;
  readonly logFile: string;
  readonly withinMs: number;
  /**
   * Asks the engine once; throws while it doesn't answer as it should, and an
   * EngineStartError when it never will.
   */
  readonly probe: () => Promise<void>;
}

const PAUSE_MS = 50;

/**
 * Asks a starting engine until it answers.
 *
 * @throws EngineStartError when it ends before, or doesn't answer in time; then it is stopped
 */
export async function untilReady(readiness: Readiness): Promise<void> {
  const { name, engine, logFile, withinMs } = readiness;
  const ended = engine.exited.then(() => 'ended' as const);
  const deadline = Date.now() + withinMs;
  let last: unknown;
  for (;;) {
    const answer = await Promise.race([ended, readiness.probe().then(() => 'ready', asError)]);
    if (answer === 'ready') return;
    if (answer === 'ended') {
      throw new EngineStartError(
        `The embedded ${name} ended while starting: ${essenceOfLog(logFile)} (log: ${logFile})`,
      );
    }
    last = answer;
    if (answer instanceof EngineStartError || Date.now() > deadline) break;
    await Promise.race([ended, sleep(PAUSE_MS)]);
  }
  await engine.stop();
  if (last instanceof EngineStartError) throw last;
  throw new EngineStartError(
    `The embedded ${name} did not answer within ${withinMs / 1000} s: ` +
      `${last instanceof Error ? last.message : String(last)} (log: ${logFile})`,
  );
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
