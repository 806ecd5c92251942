import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * `npm test`: builds, runs every project (or what jest's own arguments select), and ends with one
 * line alone: `N passed, N failed`. Fails when a test failed, or when none ran.
 */
function main() {
  const built = run('npm', ['run', 'build', '--silent']);
  const { ok, passed, failed } = built ? runJest() : { ok: false, passed: 0, failed: 0 };
  const succeeded = ok && passed > 0 && failed === 0;
  console.log(`${passed} passed, ${succeeded ? 0 : Math.max(failed, 1)} failed`);
  process.exit(succeeded ? 0 : 1);
}

function runJest() {
  const folder = mkdtempSync(join(tmpdir(), 'test-summary-'));
  const summaryFile = join(folder, 'summary.json');
  try {
    const ok = run('npx', ['--no-install', 'jest', ...process.argv.slice(2)], {
      TEST_SUMMARY_FILE: summaryFile,
    });
    return { ok, ...readSummary(summaryFile) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Nothing was written when jest ended before the first test, e.g. without its engines. */
function readSummary(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 0 };
  }
}

function run(command, args, env = {}) {
  const { status } = spawnSync(command, args, {
    stdio: 'inherit',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  });
  return status === 0;
}

main();
