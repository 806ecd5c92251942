import { spawn } from 'node:child_process';
import { builtFile } from '@app/embedded';
import { quickLoading } from './quick-loading';

/** How a run of the operators' command line ended, and what it printed. */
export interface OpsRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs `ops` as an operator does: a process of its own, from dist. What changes something needs a
 * `--reason`.
 *
 * @param env its whole environment but for PATH and OPS_ACTOR
 * @param cwd a folder without a `.env`, which it would read
 */
export async function runOps(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<OpsRun> {
  const main = builtFile('apps/ops/src/main');
  const child = spawn(process.execPath, [...quickLoading.options, main, ...args], {
    cwd,
    env: { PATH: process.env.PATH, OPS_ACTOR: 'tests', ...quickLoading.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, stdout, stderr };
}
