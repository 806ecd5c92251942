import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from '@app/processes';
import { identify, isAlive } from '@app/processes';

/** A local stack that runs, and how its engines are reached. */
export interface RunningStack {
  /** Its supervisor. */
  readonly process: ProcessIdentity;
  /** Settings by the names of their variables; a password may be among them. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Lets operators' commands find the stack that this process runs, in a file that only its owner can
 * read. It counts as long as this process lives.
 *
 * @returns takes the file away
 */
export function announceStack(
  dataDir: string,
  environment: RunningStack['environment'],
): () => void {
  const file = fileOf(dataDir);
  const draft = `${file}.draft`;
  const stack = { process: identify(process.pid), environment };
  rmSync(draft, { force: true });
  writeFileSync(draft, `${JSON.stringify(stack)}\n`, { mode: 0o600 });
  renameSync(draft, file);
  return () => rmSync(file, { force: true });
}

/** The stack that runs on a data folder; undefined when none does, also after a crash. */
export function findRunningStack(dataDir: string): RunningStack | undefined {
  try {
    const stack = JSON.parse(readFileSync(fileOf(dataDir), 'utf8')) as RunningStack;
    return isAlive(stack.process) ? stack : undefined;
  } catch {
    return undefined;
  }
}

function fileOf(dataDir: string): string {
  return join(dataDir, 'engines.json');
}
