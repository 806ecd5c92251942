import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';

/** What needs no test to run, the longest first. */
const checks = [
  ['lint'],
  ['typecheck'],
  ['format:check'],
  ['generate', '--', '--check'],
  ['lint:api'],
];

/**
 * `npm run check:static`: every check of the code as it stands, side by side, since most of them use
 * one core only. Each prints as a whole when it has ended, with its time. Fails when one of them does.
 */
async function main() {
  const waiting = [...checks];
  let failed = false;
  const work = async () => {
    for (let check; (check = waiting.shift());) failed = !(await passes(check)) || failed;
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, work));
  process.exitCode = failed ? 1 : 0;
}

async function passes(check) {
  const started = performance.now();
  const child = spawn('npm', ['run', '--silent', ...check], {
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  const printed = [];
  for (const output of [child.stdout, child.stderr])
    output.on('data', (data) => printed.push(data));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${check[0]}: ${code === 0 ? 'passed' : 'FAILED'} after ${seconds} s`);
  process.stdout.write(Buffer.concat(printed));
  return code === 0;
}

await main();
